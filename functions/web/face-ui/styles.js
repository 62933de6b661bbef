// The look of the component, as a constructed style sheet: a page's Content-Security-Policy needs no style-src for it.
// A page may set --face-ui-accent, --face-ui-on-accent, --face-ui-background, --face-ui-text and --face-ui-radius.

const sheet = new CSSStyleSheet();
sheet.replaceSync(`
:host { display: block; }
:host([hidden]) { display: none; }
.card {
  --surface: var(--face-ui-background, #ffffff);
  --ink: var(--face-ui-text, #1a1c1e);
  --quiet: #4a4e54;
  --accent: var(--face-ui-accent, #0b57d0);
  --on-accent: var(--face-ui-on-accent, #ffffff);
  --line: #74777f;
  --bad: #b3261e;
  --good: #146c2e;
  box-sizing: border-box;
  display: flex;
  flex-direction: column;
  gap: 0.75rem;
  inline-size: 100%;
  max-inline-size: 34rem;
  margin-inline: auto;
  padding: 1.25rem;
  color: var(--ink);
  background: var(--surface);
  border: 1px solid color-mix(in srgb, var(--line) 45%, transparent);
  border-radius: var(--face-ui-radius, 1rem);
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  font-size: 1.125rem;
  line-height: 1.4;
}
@supports (color: light-dark(black, white)) {
  .card {
    --surface: var(--face-ui-background, light-dark(#ffffff, #1d1f22));
    --ink: var(--face-ui-text, light-dark(#1a1c1e, #e6e7ea));
    --quiet: light-dark(#4a4e54, #b9bdc4);
    --accent: var(--face-ui-accent, light-dark(#0b57d0, #a8c7fa));
    --on-accent: var(--face-ui-on-accent, light-dark(#ffffff, #062e6f));
    --line: light-dark(#74777f, #8e9199);
    --bad: light-dark(#b3261e, #f2b8b5);
    --good: light-dark(#146c2e, #8fd5a1);
  }
}
[hidden] { display: none !important; }
h2 { margin: 0; font-size: 1.25em; line-height: 1.25; text-wrap: balance; }
h2:focus { outline: none; } /* it takes the focus where a screen reader has to begin anew, and is no control */
p, ul { margin: 0; }
ul { padding-inline-start: 1.25em; display: grid; gap: 0.5em; }
.hint { font-size: 1.15em; font-weight: 600; min-block-size: 2.8em; display: grid; align-content: center; text-align: center; text-wrap: balance; }
.hint:empty { display: none; }
.note { color: var(--quiet); font-size: 0.9em; text-align: center; }
.note:empty { display: none; }
.sign { inline-size: 3.5rem; block-size: 3.5rem; fill: none; stroke: currentColor; stroke-width: 4; stroke-linecap: round; stroke-linejoin: round; }
[data-state="failed"] .sign { color: var(--bad); }
[data-state="done"] .sign { color: var(--good); }
[data-state="failed"], [data-state="done"] { align-items: center; text-align: center; }

.stage {
  position: relative;
  overflow: hidden;
  inline-size: min(100%, 62vh * 4 / 3);
  margin-inline: auto;
  aspect-ratio: 4 / 3;
  background: #101114;
  border-radius: calc(var(--face-ui-radius, 1rem) * 0.6);
}
.stage[data-portrait] { aspect-ratio: 3 / 4; inline-size: min(100%, 62vh * 3 / 4); }
.stage > * { position: absolute; inset: 0; inline-size: 100%; block-size: 100%; }
video { object-fit: cover; transform: scaleX(-1); }
.outside { fill: rgb(16 17 20 / 0.55); }
.oval, .ring { fill: none; stroke-width: 4; }
.oval { stroke: #ffffff; stroke-dasharray: 0.02 0.015; }
.ring { stroke: #6dd58c; stroke-width: 7; stroke-linecap: round; }
.ring[data-progress="0"] { display: none; }
[data-ready] .oval { stroke: #6dd58c; stroke-dasharray: none; }
.frame { transform-origin: center; transition: transform 0.5s; }
[data-move="MoveCloser"] .frame { transform: scale(1.4); }
.arrow { fill: #ffffff; stroke: #101114; stroke-width: 3; display: none; animation: beckon 1.2s ease-in-out infinite; }
[data-move="TurnLeft"] .arrow.left, [data-move="TurnRight"] .arrow.right, [data-move="LookUp"] .arrow.up { display: block; }
@keyframes beckon { 50% { opacity: 0.55; } }
.wait { display: none; place-items: center; background: rgb(16 17 20 / 0.6); }
[data-state="starting"] .wait, [data-state="checking"] .wait { display: grid; }
.wait::after {
  content: "";
  inline-size: 3rem;
  block-size: 3rem;
  border: 5px solid rgb(255 255 255 / 0.35);
  border-block-start-color: #ffffff;
  border-radius: 50%;
  animation: turn 1s linear infinite;
}
@keyframes turn { to { transform: rotate(1turn); } }

.buttons { display: flex; flex-wrap: wrap; gap: 0.75rem; inline-size: 100%; margin-block-start: 0.25rem; }
.buttons:not(:has(button:not([hidden]))) { display: none; }
button {
  flex: 1 1 auto; /* side by side where their texts fit */
  min-inline-size: 8rem;
  min-block-size: 3rem;
  padding: 0.5em 1em;
  font: inherit;
  font-weight: 600;
  cursor: pointer;
  color: var(--accent);
  background: transparent;
  border: 2px solid var(--line);
  border-radius: 0.75rem;
}
button.primary { color: var(--on-accent); background: var(--accent); border-color: var(--accent); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
@media (hover: hover) { button:hover { text-decoration: underline; } }
@media (max-height: 32rem) and (min-width: 36rem) { /* a phone on its side */
  .card:has(.stage:not([hidden])) {
    display: grid;
    grid-template-columns: minmax(0, 3fr) minmax(0, 2fr);
    align-content: center;
    max-inline-size: 48rem;
  }
  .card > * { grid-column: 2; }
  .card > .stage { grid-area: 1 / 1 / span 7; inline-size: min(100%, 76vh * 4 / 3); }
  .card > .stage[data-portrait] { inline-size: min(100%, 76vh * 3 / 4); }
}
@media (prefers-reduced-motion: reduce) {
  .frame { transition: none; }
  .arrow { animation: none; }
  .wait::after { animation-duration: 6s; }
}
`);

export default sheet;
