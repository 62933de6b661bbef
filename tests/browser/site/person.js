// A camera with somebody in front of it who does what the component says: Chromium's own fake camera cannot react.
// `window.person.poses`: by movement ("" is looking straight), lists of JPEGs in base64: the first on the way to it.

const canvas = document.createElement("canvas");
const pen = canvas.getContext("2d");
let shown = [];
let at = 0;

const person = { poses: {}, does: (move) => move, load };
window.person = person;

async function load(poses) {
  for (const [move, pictures] of Object.entries(poses)) {
    const bytes = pictures.map((text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0)));
    person.poses[move] = await Promise.all(bytes.map((each) => createImageBitmap(new Blob([each]))));
  }
  [canvas.width, canvas.height] = [person.poses[""][0].width, person.poses[""][0].height];
  show("");
  setInterval(draw, 120);
}

function show(move) {
  shown = person.poses[move];
  at = 0;
}

function draw() {
  pen.drawImage(shown[at], 0, 0);
  at = at + 1 < shown.length ? at + 1 : 1; // the first, on the way, is passed once
}

document.addEventListener("statechange", ({ detail: { state, code } }) => {
  if (state === "challenge" && code in person.poses) show(person.does(code));
  else if (state !== "challenge" || code === null) show("");
});

navigator.mediaDevices.getUserMedia = async () => canvas.captureStream(15);
