// Which frames of an attempt are taken and kept: of somebody who looks straight, and of the challenge's movements.

const STRAIGHT_FRAMES = 3;
const DONE_FRAMES = 4;
const MOST_ON_THE_WAY = 6;
const PATIENCE_MILLISECONDS = 15_000; // for one movement; then the server is left to say what was wrong
const POSE_MILLISECONDS = 230; // four guide calls a second at most
const ROOM_MILLISECONDS = 6_000; // of the attempt's time, for sending

/** A little more than the server asks for, so that what looks done here is done there. */
const DONE = {
  TurnLeft: (now, first) => now.yaw - first.yaw >= 18,
  TurnRight: (now, first) => first.yaw - now.yaw >= 18,
  LookUp: (now, first) => now.pitch - first.pitch >= 12.5,
  MoveCloser: (now, first) => now.size / first.size >= 1.32,
};

/** Frames on the way to a movement: evenly spread however long it takes, and always the newest. */
export class Reel {
  #room;
  #step = 1;
  #seen = 0;
  #kept = [];
  #newest = null;

  constructor(room) {
    this.#room = room;
  }

  add(frame) {
    this.#newest = frame;
    if (this.#seen++ % this.#step !== 0) return;
    this.#kept.push(frame);
    if (this.#kept.length >= this.#room && this.#room > 1) {
      this.#kept = this.#kept.filter((_, at) => at % 2 === 0);
      this.#step *= 2;
    }
  }

  /** At most as many as there is room for, in order. */
  get frames() {
    if (this.#room < 1) return [];
    const others = this.#kept.filter((frame) => frame !== this.#newest).slice(0, this.#room - 1);
    return this.#newest ? [...others, this.#newest] : others;
  }
}

/** How many frames each movement may have: `onTheWay` and `done`. */
export function shares(capture, movements) {
  const each = Math.floor((capture.mostFrames - STRAIGHT_FRAMES) / movements);
  const done = Math.min(DONE_FRAMES, Math.max(each - 1, 1));
  return { done, onTheWay: Math.max(Math.min(each - done, MOST_ON_THE_WAY), 0) };
}

export class Capture {
  #camera;
  #rules;
  #began = performance.now();
  #deadline;
  #longSide;
  #mostBytes;
  #sleep;

  /** `attempt`: as the server answered its start a moment ago. `sleep`: of the run, which ends with it. */
  constructor(camera, attempt, sleep) {
    this.#camera = camera;
    this.#rules = attempt.capture;
    this.#deadline = this.#began + attempt.timeLimitInSeconds * 1000 - ROOM_MILLISECONDS;
    this.#longSide = Math.min(1280, this.#rules.mostSide);
    this.#mostBytes = Math.min(this.#rules.mostFrameBytes, Math.floor(11_500_000 / this.#rules.mostFrames));
    this.#sleep = sleep;
  }

  /** `seen` is told how much of it is done, 0..1. */
  async plain(count, seen) {
    const frames = [];
    while (frames.length < count) {
      frames.push(await this.#frame(frames.at(-1)));
      seen(frames.length / count);
    }
    return frames;
  }

  /** `guide`: asks the server about the camera's picture now. `say`: is told each movement when it is its turn, and
   * what the guide answers meanwhile. */
  async challenge(movements, guide, say) {
    const { done, onTheWay } = shares(this.#rules, movements.length);
    say(null, null);
    const frames = await this.plain(STRAIGHT_FRAMES, () => {});
    const first = await this.#firstPose(guide);
    for (const [at, movement] of movements.entries()) {
      say(movement, null, at);
      const made = await this.#movement(movement, first, { done, onTheWay }, guide, say);
      frames.push(...made.frames);
      if (!made.complete) break;
    }
    while (frames.length < this.#rules.leastFrames) frames.push(await this.#frame(frames.at(-1)));
    return frames;
  }

  async #movement(movement, first, { done, onTheWay }, guide, say) {
    const way = new Reel(onTheWay);
    const shown = [];
    const until = Math.min(performance.now() + PATIENCE_MILLISECONDS, this.#deadline);
    let last;
    while (shown.length < done && performance.now() < until) {
      const asked = performance.now();
      last = await this.#frame(last);
      const answer = await guide();
      const pose = answer && poseOf(answer);
      say(movement, answer);
      if (pose && first && DONE[movement]?.(pose, first)) shown.push(last);
      else if (shown.length === 0) way.add(last);
      await this.#sleep(POSE_MILLISECONDS - (performance.now() - asked));
    }
    return { frames: [...way.frames, ...shown], complete: shown.length === done };
  }

  async #firstPose(guide) {
    for (let tries = 0; tries < 8; tries++) {
      const answer = await guide();
      const pose = answer && poseOf(answer);
      if (pose) return pose;
      await this.#sleep(POSE_MILLISECONDS);
    }
    return null;
  }

  /** The next one, no sooner after `previous` than the server wants it. Times are whole and ascend. */
  async #frame(previous) {
    const due = previous ? this.#began + previous.time + this.#rules.intervalMilliseconds : 0;
    await this.#sleep(due - performance.now());
    const time = Math.floor(performance.now() - this.#began);
    return { time, blob: await this.#camera.frame(this.#longSide, this.#mostBytes) };
  }
}

function poseOf({ headPose, faceRectangle }) {
  if (!headPose || !faceRectangle) return null;
  return { ...headPose, size: Math.sqrt(faceRectangle.width * faceRectangle.height) };
}
