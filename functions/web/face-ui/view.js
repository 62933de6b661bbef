// What the person sees and hears: one card with a title, a hint, the camera's picture with an oval, and buttons.

import sheet from "./styles.js";

const SVG = "http://www.w3.org/2000/svg";
const SIGNS = { failed: "M24 12v16M24 36v.5M4 43 24 5l20 38Z", done: "M6 25 19 38 43 11" };
const SHAPES = { landscape: { width: 400, height: 300, oval: 62 }, portrait: { width: 300, height: 400, oval: 80 } };

export class View {
  /** The camera's picture is shown in it. */
  video = make("video", { muted: true, playsInline: true, ariaHidden: "true", tabIndex: -1, disablePictureInPicture: true });
  #root;
  #texts;
  #looks;
  #told;
  #title = make("h2", { id: "title", tabIndex: -1 });
  #sign = vector("svg", { class: "sign", viewBox: "0 0 48 48", "aria-hidden": "true" });
  #hint = make("p", { className: "hint", role: "status" });
  #stage = make("div", { className: "stage" });
  #list = make("ul", {});
  #advice = make("p", { id: "advice" });
  #note = make("p", { className: "note" });
  #primary = make("button", { type: "button", className: "primary" });
  #secondary = make("button", { type: "button" });
  #card = make("div", { className: "card", role: "group" });
  #ring;
  #last = "";

  /** `looks`: what the page set of fontSize, fontFamily, buttonStyles, feedbackMessageStyles. `told`: is called with
   * the name of each state and its code. */
  constructor(root, texts, looks, told) {
    this.#root = root;
    this.#texts = texts;
    this.#looks = looks;
    this.#told = told;
    root.adoptedStyleSheets = [sheet];
    this.#card.lang = texts.lang;
    this.#card.dir = texts.dir;
    this.#card.setAttribute("aria-labelledby", "title");
    this.#primary.addEventListener("click", () => this.onPrimary());
    this.#secondary.addEventListener("click", () => this.onSecondary());
    const buttons = make("div", { className: "buttons" }, this.#primary, this.#secondary);
    this.#card.append(
      this.#sign, this.#title, this.#hint, this.#stage, this.#list, this.#advice, this.#note, buttons,
    );
    this.#style();
    this.#stage.setAttribute("part", "stage");
    this.shape(window.innerHeight > window.innerWidth);
    root.replaceChildren(this.#card);
  }

  onPrimary = () => {};
  onSecondary = () => {};

  /** What is going to happen. */
  introduction() {
    this.#show("introduction", "Title", { list: ["Tip1", "Tip2", "Tip3"], primary: "Begin", secondary: "Cancel" });
    this.#title.focus();
  }

  starting() {
    this.#show("starting", "Title", { hint: "Starting", stage: true, secondary: "Cancel" });
    this.#card.scrollIntoView({ block: "nearest" });
  }

  /** `hint`: of the guide, or none where the person is placed well. */
  placing(hint, mayStart) {
    const primary = mayStart ? "StartNow" : undefined;
    const said = this.#texts.has(hint) ? hint : "Placing";
    this.#show("placing", "Title", { hint: hint ? said : "HoldStill", stage: true, primary, secondary: "Cancel" });
    this.#stage.toggleAttribute("data-ready", !hint);
  }

  capturing(progress) {
    this.#show("capturing", "Title", { hint: "HoldStill", stage: true, secondary: "Cancel" });
    this.#stage.toggleAttribute("data-ready", true);
    this.#progress(progress);
  }

  /** `move`: what to do, null for looking straight. `hint`: what is in the way of it. */
  challenge(move, hint, step, steps) {
    const title = move ? "Step" : "Title";
    const shown = { hint: hint ?? move ?? "LookStraight", stage: true, secondary: "Cancel", code: move };
    this.#show("challenge", title, shown, { step: step + 1, steps });
    this.#stage.dataset.move = move ?? "";
    this.#progress(step / steps);
  }

  checking() {
    this.video.pause();
    this.#show("checking", "Title", { hint: "Checking", stage: true });
  }

  done() {
    this.#show("done", "Done", { advice: "DoneAdvice" });
    this.#title.focus();
  }

  /** `code`: a text's key. `attemptsLeft`: null where attempts play no part. `final`: nothing can be tried again. */
  failed(code, attemptsLeft, final) {
    const known = this.#texts.has(code) ? code : "UnexpectedClientError";
    const buttons = final ? {} : { primary: "TryAgain", secondary: "Close" };
    this.#show("failed", known, { advice: `${known}Advice`, code, ...buttons });
    this.#note.textContent = attemptsLeft ? this.#texts.text("AttemptsLeft", { count: attemptsLeft }) : "";
    this.#title.focus();
  }

  /** Nothing can be chosen any more; what was said stays. */
  close() {
    this.#button(this.#primary);
    this.#button(this.#secondary);
  }

  /** Whether the camera's picture is higher than wide. */
  shape(portrait) {
    if (this.#ring && this.#stage.hasAttribute("data-portrait") === portrait) return;
    const { width, height, oval } = SHAPES[portrait ? "portrait" : "landscape"];
    const [x, y, high] = [width / 2, height / 2, oval * 1.32];
    const around = `M${x - oval} ${y}a${oval} ${high} 0 1 0 ${2 * oval} 0a${oval} ${high} 0 1 0 ${-2 * oval} 0Z`;
    const beyond = `M${-width} ${-height}H${2 * width}V${2 * height}H${-width}Z`;
    const arrow = (turned, dx, dy) =>
      `translate(${x + dx * (oval + 34)} ${y + dy * (high + 30)}) rotate(${turned})`;
    const tip = "M-20 -22 22 0-20 22-9 0Z";
    this.#ring = vector("path", { class: "ring", d: around, pathLength: 1, "data-progress": 0 });
    const picture = vector("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
    const frame = vector("g", { class: "frame" });
    frame.append(
      vector("path", { class: "outside", d: beyond + around, "fill-rule": "evenodd" }),
      vector("path", { class: "oval", d: around, pathLength: 1 }),
      this.#ring,
    );
    picture.append(
      frame,
      vector("path", { class: "arrow left", d: tip, transform: arrow(180, -1, 0) }),
      vector("path", { class: "arrow right", d: tip, transform: arrow(0, 1, 0) }),
      vector("path", { class: "arrow up", d: tip, transform: arrow(-90, 0, -1) }),
    );
    this.#stage.toggleAttribute("data-portrait", portrait);
    this.#stage.replaceChildren(this.video, picture, make("div", { className: "wait" }));
  }

  #show(state, title, { hint, list, advice, stage = false, primary, secondary, code = null }, values) {
    const isNew = this.#card.dataset.state !== state;
    const focused = this.#root.activeElement;
    this.#card.dataset.state = state;
    write(this.#title, this.#texts.text(title, values));
    write(this.#hint, hint ? this.#texts.text(hint) : "");
    write(this.#advice, advice ? this.#texts.text(advice) : "");
    if (isNew) this.#list.replaceChildren(...(list ?? []).map((key) => make("li", { textContent: this.#texts.text(key) })));
    this.#list.hidden = !list;
    this.#advice.hidden = !advice;
    this.#stage.hidden = !stage;
    this.#button(this.#primary, primary);
    this.#button(this.#secondary, secondary);
    if (isNew) this.#renew(state);
    if (focused && (focused.hidden || !focused.isConnected)) this.#title.focus();
    this.#tell(state, code ?? hint ?? null);
  }

  /** Once for each that differs from the one before. */
  #tell(state, code) {
    if (this.#last === `${state} ${code}`) return;
    this.#last = `${state} ${code}`;
    this.#told(state, code);
  }

  /** What belongs to the state before goes. */
  #renew(state) {
    this.#note.textContent = "";
    this.#stage.dataset.move = "";
    this.#stage.removeAttribute("data-ready");
    this.#progress(0);
    this.#sign.replaceChildren(...(SIGNS[state] ? [vector("path", { d: SIGNS[state] })] : []));
    this.#sign.toggleAttribute("hidden", !SIGNS[state]);
  }

  #button(button, key) {
    write(button, key ? this.#texts.text(key) : "");
    button.hidden = !key;
  }

  #progress(share) {
    this.#ring.setAttribute("data-progress", share);
    this.#ring.setAttribute("stroke-dasharray", `${share} 1`);
  }

  #style() {
    const { fontSize, fontFamily, buttonStyles, feedbackMessageStyles } = this.#looks;
    if (fontSize) this.#card.style.fontSize = fontSize;
    if (fontFamily) this.#card.style.fontFamily = fontFamily;
    for (const button of [this.#primary, this.#secondary]) button.style.cssText = buttonStyles ?? "";
    this.#hint.style.cssText = feedbackMessageStyles ?? "";
  }
}

/** A screen reader says what is written anew, so the same text is left alone. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function vector(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
