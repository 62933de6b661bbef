// One run of a session, from the first word to the promise's end: place the person, take frames, have them judged, and
// again as long as attempts are left.

import { Camera, CameraError } from "./camera.js";
import { Capture } from "./capture.js";
import { detected, LivenessDetectionError } from "./outcome.js";
import { digest, Refused, Unreachable } from "./protocol.js";

const GUIDE_SIDE = 320;
const GUIDE_BYTES = 200_000;
const GUIDE_MILLISECONDS = 300;
const READY_TIMES = 2; // in a row
const MAY_START_MILLISECONDS = 12_000; // the guide may be wrong: then the person may start
const STARTS_MILLISECONDS = 45_000; // and if nobody does, the server is left to say what is wrong
const LOST_GUIDES = 3;
const SEND_AGAIN_MILLISECONDS = [500, 1_500, 4_000];

/** The person, or the page, ended it. */
export class Canceled extends Error {}

/** It cannot go on now. `code`: a LivenessError; `text`: which text tells it; `final`: there is nothing to try again. */
class Failure extends Error {
  constructor(code, { text = code, message = code, attemptsLeft = null, final = false } = {}) {
    super(message);
    Object.assign(this, { code, text, attemptsLeft, final });
  }
}

export class Run {
  #view;
  #protocol;
  #signal;
  #session;
  #page;
  #camera = null;
  #open = null; // the nonce of the attempt that is open
  #sent = null; // the frames that were sent, as long as there is no answer
  #taken = null; // why the camera was taken away

  /** `signal`: aborted with Canceled. `session`: the token's claims. `page`: what the page set: mediaInfoDeviceId,
   * skipInstructions, verifyImage, and the identities that start sends. */
  constructor(view, protocol, signal, session, page) {
    this.#view = view;
    this.#protocol = protocol;
    this.#signal = signal;
    this.#session = session;
    this.#page = page;
  }

  /** What start() promises. Throws LivenessDetectionError, or Canceled where the page has removed the element. */
  async perform() {
    try {
      if (!this.#page.skipInstructions) await this.#choice(() => this.#view.introduction());
      for (;;) {
        const failure = await this.#try();
        if (!(failure instanceof Failure)) return failure;
        this.#view.failed(failure.text, failure.attemptsLeft, failure.final);
        if (failure.final) throw this.#rejection(failure.code, failure.message);
        if (await this.#chosen()) continue;
        this.#view.close();
        throw this.#rejection(failure.code, failure.message);
      }
    } catch (error) {
      throw await this.#ended(error);
    } finally {
      this.#camera?.close();
    }
  }

  /** A success, or the Failure. */
  async #try() {
    try {
      if (!this.#sent) {
        await this.#openCamera();
        await this.#place();
        await this.#take();
      }
      return await this.#judged();
    } catch (error) {
      this.#signal.throwIfAborted();
      return await this.#failure(error);
    } finally {
      this.#camera?.close();
      this.#camera = null;
    }
  }

  async #openCamera() {
    this.#taken = null;
    this.#view.starting();
    const lost = () => (this.#taken = new CameraError("CameraStartupFailure"));
    const opening = Camera.open(this.#view.video, this.#page.mediaInfoDeviceId, lost);
    this.#camera = await this.#until(opening).catch((error) => {
      opening.then((late) => late.close(), () => {}); // canceled while the browser was still asking
      throw error;
    });
    this.#view.shape(this.#camera.portrait);
    await this.#view.video.play();
  }

  /** Returns when the person is placed well, wants to start, or has been at it for long. */
  async #place() {
    const began = performance.now();
    let started = false;
    this.#view.onPrimary = () => (started = true);
    this.#view.onSecondary = () => this.#page.cancel();
    this.#view.placing("Placing", false);
    let before; // a hint is shown when it came twice: one that comes and goes would only confuse
    for (let ready = 0; ready < READY_TIMES && !started; ) {
      const asked = performance.now();
      const answer = await this.#guide();
      ready = answer?.ready ? ready + 1 : 0;
      const passed = performance.now() - began;
      const hint = answer?.hints?.[0];
      if (answer && hint === before) this.#view.placing(hint, passed > MAY_START_MILLISECONDS);
      if (answer) before = hint;
      if (passed > STARTS_MILLISECONDS) return;
      await this.#sleep(GUIDE_MILLISECONDS - (performance.now() - asked));
    }
  }

  async #take() {
    const attempt = await this.#started();
    this.#open = attempt.nonce;
    const capture = new Capture(this.#camera, attempt, (milliseconds) => this.#sleep(milliseconds));
    const frames = await (attempt.challenge
      ? capture.challenge(attempt.challenge, () => this.#guide(), this.#tellMoves(attempt.challenge))
      : capture.plain(attempt.capture.frames, (share) => this.#view.capturing(share)));
    this.#view.checking();
    this.#camera.stop();
    const image = attempt.verifyImageRequired ? this.#page.verifyImage : null;
    this.#sent = { nonce: attempt.nonce, frames, bound: await digest(attempt.nonce, frames), image };
  }

  /** A client that has to say who or where it is, and was not told, says something of its own that leads nowhere. */
  async #started() {
    let attempt;
    try {
      attempt = await this.#protocol.start(this.#page.identities);
    } catch (error) {
      const unnamed = error.code === "InvalidDeviceCorrelationId" && !this.#page.identities.deviceCorrelationId;
      if (!unnamed) throw error;
      this.#page.identities.deviceCorrelationId = crypto.randomUUID();
      attempt = await this.#protocol.start(this.#page.identities);
    }
    if (attempt.verifyImageRequired && !this.#page.verifyImage) {
      this.#open = attempt.nonce;
      throw new Failure("VerifyImageNotProvided", { final: true });
    }
    return attempt;
  }

  #tellMoves(moves) {
    let step = 0;
    return (move, answer, at = step) => {
      step = at;
      const missing = answer && !answer.faceRectangle;
      this.#view.challenge(move, missing ? "ShowFace" : null, step, moves.length);
    };
  }

  /** The verdict on the frames, or throws why there is none. */
  async #judged() {
    this.#view.checking();
    const { bound } = this.#sent;
    const answer = await this.#send();
    this.#open = this.#sent = null;
    if (answer.attemptStatus === "Succeeded") {
      this.#view.done();
      return detected(this.#session.sub, bound, answer.result);
    }
    const { code = "UnexpectedServerError", message } = answer.error ?? {};
    throw new Failure(code, { message, attemptsLeft: answer.attemptsLeft, final: !answer.attemptsLeft });
  }

  /** The answer to the frames. The same frames always get the same one, so they are sent until it comes. */
  async #send() {
    const { nonce, frames, bound, image } = this.#sent;
    for (const pause of [...SEND_AGAIN_MILLISECONDS, null]) {
      try {
        return await this.#protocol.end(nonce, frames, bound, image);
      } catch (error) {
        const busy = error.code === "ConcurrentOperationConflict"; // still at it
        if (error instanceof Refused && !busy) this.#sent = null;
        if (pause === null || !(error instanceof Unreachable || busy)) throw error;
        await this.#sleep(pause);
      }
    }
  }

  /** The guide's answer about the camera's picture now; null where there is none this time. */
  async #guide() {
    for (let lost = 0; ; ) {
      try {
        return await this.#protocol.guide(await this.#camera.frame(GUIDE_SIDE, GUIDE_BYTES));
      } catch (error) {
        if (error instanceof Refused && error.status === 429) {
          await this.#sleep(1000 * (error.retryAfter || 1));
          return null;
        }
        const passing = error instanceof Unreachable || (error instanceof Refused && error.status === 503);
        if (!passing || ++lost >= LOST_GUIDES) throw error;
        await this.#sleep(1000 * error.retryAfter || GUIDE_MILLISECONDS);
      }
    }
  }

  /** What went wrong as a Failure. An attempt that is open is ended where the server cannot know why. */
  async #failure(error) {
    if (error instanceof Failure) {
      if (error.code === "VerifyImageNotProvided" && this.#open) await this.#giveUp("UnexpectedClientError");
      return error;
    }
    if (error instanceof CameraError) {
      const final = error.text === "InsecurePage";
      return this.#open ? this.#gaveUp(error.code, error.text) : new Failure(error.code, { text: error.text, final });
    }
    if (error instanceof Unreachable) return new Failure("ServerRequestTimedOut", { message: error.message });
    if (error instanceof Refused) return this.#refusal(error);
    console.error(error);
    return this.#gaveUp("UnexpectedClientError");
  }

  #refusal(error) {
    const { status, message } = error;
    if (status === 401 || status === 403) return new Failure("InvalidToken", { message, final: true });
    if (error.code === "AttemptNotOpen") {
      this.#open = null;
      return new Failure("TimedOut", { message });
    }
    if (status >= 500 || status === 429 || status === 409) return new Failure("UnexpectedServerError", { message });
    return this.#gaveUp("UnexpectedClientError", undefined, message);
  }

  async #gaveUp(code, text = code, message = code) {
    if (!this.#open) return new Failure(code, { text, message, final: code === "UnexpectedClientError" });
    const answer = await this.#giveUp(code);
    const attemptsLeft = answer?.attemptsLeft ?? null;
    return new Failure(code, { text, message, attemptsLeft, final: attemptsLeft === 0 });
  }

  /** Ends the open attempt; null where that could not be said. */
  async #giveUp(reason) {
    const nonce = this.#open;
    this.#open = null;
    return this.#protocol.giveUp(nonce, reason).catch(() => null);
  }

  /** What the promise is rejected with. */
  async #ended(error) {
    if (error instanceof LivenessDetectionError) return error;
    if (!(error instanceof Canceled)) {
      console.error(error);
      this.#view.failed("UnexpectedClientError", null, true);
      return this.#rejection("UnexpectedClientError", error.message);
    }
    if (this.#open && error.byPerson) await this.#giveUp("UserCanceledSession");
    if (error.byPerson) this.#view.failed("UserCanceledSession", null, true);
    return this.#rejection("UserCanceledSession", error.message);
  }

  #rejection(code, message) {
    return new LivenessDetectionError(code, { verifies: this.#session.verifies, message });
  }

  /** Shows something that the person has to agree to. */
  async #choice(show) {
    show();
    if (!(await this.#chosen())) this.#page.cancel();
    this.#signal.throwIfAborted();
  }

  /** Whether the first button was pressed, and not the second. */
  #chosen() {
    return this.#until(
      new Promise((choose) => {
        this.#view.onPrimary = () => choose(true);
        this.#view.onSecondary = () => choose(false);
      }),
    ).finally(() => {
      this.#view.onSecondary = () => this.#page.cancel();
    });
  }

  /** Throws the signal's reason, or CameraError where the camera was taken away. */
  async #sleep(milliseconds) {
    if (this.#taken) throw this.#taken;
    let timer;
    const slept = new Promise((wake) => {
      timer = setTimeout(wake, Math.max(milliseconds, 0));
    });
    await this.#until(slept).finally(() => clearTimeout(timer));
  }

  /** As `promise`, or the signal's reason as soon as there is one. */
  #until(promise) {
    this.#signal.throwIfAborted();
    return new Promise((done, fail) => {
      const stop = () => fail(this.#signal.reason);
      this.#signal.addEventListener("abort", stop, { once: true });
      promise.then(done, fail).finally(() => this.#signal.removeEventListener("abort", stop));
    });
  }
}
