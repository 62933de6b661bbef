// <azure-ai-vision-face-ui>: performs a liveness session with the person in front of the camera. The element, its
// properties, start() and what it promises are those of Microsoft's @azure/ai-vision-face-ui, so that a page written for
// that works with this file's address instead. docs/liveness-web.md describes all of it.

import { LivenessDetectionError, LivenessError, LivenessStatus, RecognitionError, RecognitionStatus } from "./outcome.js";
import { claims, Protocol } from "./protocol.js";
import { Canceled, Run } from "./run.js";
import { texts } from "./texts.js";
import { View } from "./view.js";

export { LivenessDetectionError, LivenessError, LivenessStatus, RecognitionError, RecognitionStatus };

/** Properties that attributes set too, by the attribute's name. */
const ATTRIBUTES = {
  locale: "locale",
  mediainfodeviceid: "mediaInfoDeviceId",
  "media-info-device-id": "mediaInfoDeviceId",
};

export class FaceLivenessDetector extends HTMLElement {
  static observedAttributes = Object.keys(ATTRIBUTES);

  /** BCP 47. Without one, the language of the page around it. */
  locale = "";
  /** Texts of the page's own, by key: an object, or its JSON. */
  languageDictionary = null;
  /** Which camera, as enumerateDevices() calls it. Without one, the one that faces the person. */
  mediaInfoDeviceId = "";
  fontSize = "";
  fontFamily = "";
  /** CSS for the buttons; older pages say continueButtonStyles. */
  buttonStyles = "";
  continueButtonStyles = "";
  /** CSS for the hints. */
  feedbackMessageStyles = "";
  /** Without asking first: the camera starts at once. */
  skipInstructions = false;

  /** Ours: where the service is, where the token's own address does not lead there. */
  endpoint = "";
  /** Ours, of sessions whose client says so: who and where the person is. */
  deviceCorrelationId = "";
  userCorrelationId = "";
  /** Ours, a Blob: whom to compare with, of sessions that were made without a picture. */
  verifyImage = null;

  #root = this.attachShadow({ mode: "open" });
  #running = null;

  attributeChangedCallback(name, _, value) {
    this[ATTRIBUTES[name]] = value ?? "";
  }

  /** Removed by the page, and not just moved: the camera goes off, the promise is rejected. The attempt stays open, so
   * that an element made anew goes on with it. */
  async disconnectedCallback() {
    await null;
    if (!this.isConnected) this.#cancel(false);
  }

  /** Performs the session of the token. Promises {livenessStatus, recognitionResult: {status, matchConfidence}, resultId,
   * digest}; rejects with a LivenessDetectionError {livenessError, recognitionError}. A run under way is ended. */
  async start(sessionAuthorizationToken) {
    this.#cancel(false);
    const controller = (this.#running = new AbortController());
    const found = await texts(this.locale || this.closest("[lang]")?.lang, this.languageDictionary);
    if (controller.signal.aborted) throw new LivenessDetectionError("UserCanceledSession");
    const view = new View(this.#root, found, this.#looks(), (state, code) => this.#tell(state, code));
    const session = claims(String(sessionAuthorizationToken ?? ""));
    if (!session) {
      view.failed("InvalidToken", null, true);
      throw new LivenessDetectionError("InvalidToken", { message: "not a session token" });
    }
    const protocol = new Protocol(sessionAuthorizationToken, this.endpoint || session.iss, controller.signal);
    return new Run(view, protocol, controller.signal, session, this.#page(controller)).perform();
  }

  #page(controller) {
    const { deviceCorrelationId, userCorrelationId } = this;
    const identities = Object.entries({ deviceCorrelationId, userCorrelationId }).filter(([, value]) => value);
    return {
      mediaInfoDeviceId: this.mediaInfoDeviceId,
      skipInstructions: this.skipInstructions,
      verifyImage: this.verifyImage,
      identities: Object.fromEntries(identities),
      cancel: () => controller.abort(Object.assign(new Canceled("canceled by the person"), { byPerson: true })),
    };
  }

  #looks() {
    const { fontSize, fontFamily, feedbackMessageStyles } = this;
    return { fontSize, fontFamily, feedbackMessageStyles, buttonStyles: this.buttonStyles || this.continueButtonStyles };
  }

  #cancel(byPerson) {
    this.#running?.abort(Object.assign(new Canceled("ended by the page"), { byPerson }));
    this.#running = null;
  }

  #tell(state, code) {
    this.dispatchEvent(new CustomEvent("statechange", { bubbles: true, composed: true, detail: { state, code } }));
  }
}

if (!customElements.get("azure-ai-vision-face-ui")) {
  customElements.define("azure-ai-vision-face-ui", FaceLivenessDetector);
}
