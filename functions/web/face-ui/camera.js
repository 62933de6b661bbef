// The person's camera: opened, shown, and taken frames from, which are never mirrored.

const IDEAL = { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const QUALITIES = [0.92, 0.8, 0.6, 0.4];
const FIRST_PICTURE_MILLISECONDS = 10_000;

/** `code`: a LivenessError. `text`: which text tells it, where that is not the code's own. */
export class CameraError extends Error {
  constructor(code, text = code) {
    super(text);
    Object.assign(this, { code, text });
  }
}

export class Camera {
  #stream;
  #video;
  #canvas = document.createElement("canvas");

  constructor(stream, video) {
    this.#stream = stream;
    this.#video = video;
  }

  /** Open the one named, or else the one that faces the person, and show it in `video`. `lost` is called when it is
   * taken away later. Throws CameraError. */
  static async open(video, deviceId, lost) {
    if (!window.isSecureContext || !navigator.mediaDevices) {
      throw new CameraError("CameraStartupFailure", "InsecurePage");
    }
    const wanted = deviceId ? { ...IDEAL, facingMode: undefined, deviceId: { exact: deviceId } } : IDEAL;
    const stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false }).catch((error) => {
      throw refusal(error);
    });
    const camera = new Camera(stream, video);
    for (const track of stream.getVideoTracks()) track.addEventListener("ended", lost);
    try {
      await camera.#show();
    } catch {
      camera.close();
      throw new CameraError("CameraStartupFailure");
    }
    return camera;
  }

  get portrait() {
    return this.#video.videoHeight > this.#video.videoWidth;
  }

  /** A JPEG of what it sees now, upright, at most so many pixels long and so many bytes large. */
  async frame(longSide, mostBytes = Infinity) {
    const { videoWidth, videoHeight } = this.#video;
    const scale = Math.min(1, longSide / Math.max(videoWidth, videoHeight));
    this.#canvas.width = Math.round(videoWidth * scale);
    this.#canvas.height = Math.round(videoHeight * scale);
    this.#canvas.getContext("2d").drawImage(this.#video, 0, 0, this.#canvas.width, this.#canvas.height);
    for (const quality of QUALITIES) {
      const blob = await new Promise((done) => this.#canvas.toBlob(done, "image/jpeg", quality));
      if (!blob) throw new CameraError("CameraStartupFailure");
      if (blob.size <= mostBytes || quality === QUALITIES.at(-1)) return blob;
    }
  }

  /** Off; its last picture still shows. */
  stop() {
    for (const track of this.#stream.getTracks()) track.stop();
  }

  close() {
    this.stop();
    if (this.#video.srcObject === this.#stream) this.#video.srcObject = null;
    this.#canvas.width = 0; // nothing of the last picture stays in memory
  }

  async #show() {
    this.#video.srcObject = this.#stream;
    let timer;
    const late = new Promise((_, fail) => {
      timer = setTimeout(fail, FIRST_PICTURE_MILLISECONDS);
    });
    await Promise.race([this.#video.play(), late]).finally(() => clearTimeout(timer));
  }
}

function refusal(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") {
    return new CameraError("CameraPermissionDenied");
  }
  const none = error.name === "NotFoundError" || error.name === "OverconstrainedError";
  return new CameraError("CameraStartupFailure", none ? "NoCamera" : undefined);
}
