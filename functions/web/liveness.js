// The demonstration of a liveness session: plays the owner's server and the person's page in one. A real page never sees
// the key: its server makes the session and asks for the result.

import "../ui/FaceLivenessDetector.js";

const VERSION = "v1.2";
const ROOT = new URL("../../", import.meta.url).href.replace(/\/$/, "");
const DECISIONS = {
  realface: "A real face",
  spoofface: "Not a real face",
  uncertain: "Uncertain whether the face is real",
};

const at = (id) => document.getElementById(id);
const chosen = () => document.querySelector("input[name=mode]:checked").value;
let session = null; // {path, key} of one that is not deleted yet

at("setup").addEventListener("submit", async (event) => {
  event.preventDefault();
  at("problem").textContent = "";
  at("setup").querySelector("button").disabled = true;
  try {
    await check(at("key").value.trim(), chosen(), at("picture").files[0]);
  } catch (error) {
    at("check").replaceChildren();
    document.body.classList.remove("checking");
    at("setup").hidden = false;
    at("problem").textContent = error.message;
  } finally {
    at("setup").querySelector("button").disabled = false;
  }
});

at("again").addEventListener("click", () => {
  at("result").hidden = true;
  at("setup").hidden = false;
  at("key").focus();
});

window.addEventListener("pagehide", () => forget(true));

async function check(key, mode, picture) {
  const kind = picture ? "detectLivenessWithVerify-sessions" : "detectLiveness-sessions";
  const made = await call(key, "POST", kind, terms(mode, picture));
  session = { path: `${kind}/${made.sessionId}`, key };
  at("setup").hidden = true;
  document.body.classList.add("checking");
  const element = document.createElement("azure-ai-vision-face-ui");
  element.locale = new URLSearchParams(location.search).get("locale") ?? navigator.language;
  element.endpoint = ROOT;
  at("check").replaceChildren(element);
  const outcome = await element.start(made.authToken).catch((error) => error);
  const told = await call(key, "GET", session.path).finally(() => forget());
  delete told.authToken;
  show(told, outcome, Boolean(picture));
}

function terms(mode, picture) {
  const asked = { livenessOperationMode: mode, deviceCorrelationId: crypto.randomUUID() };
  if (!picture) return asked;
  const form = new FormData();
  for (const [name, value] of Object.entries(asked)) form.append(name, value);
  form.append("verifyImage", picture);
  return form;
}

/** The answer's JSON. Throws Error with the service's own message. */
async function call(key, method, path, body, keepalive = false) {
  const isForm = body instanceof FormData;
  const headers = { "Ocp-Apim-Subscription-Key": key, ...(body && !isForm && { "Content-Type": "application/json" }) };
  const answer = await fetch(`${ROOT}/face/${VERSION}/${path}`, {
    method, headers, body: body && !isForm ? JSON.stringify(body) : body, cache: "no-store", keepalive,
  });
  const said = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(said?.error?.message ?? `HTTP ${answer.status}`);
  return said;
}

async function forget(leaving = false) {
  if (!session) return;
  const { path, key } = session;
  session = null;
  await call(key, "DELETE", path, undefined, leaving);
}

function show(told, outcome, verified) {
  const last = told.results?.attempts?.[0];
  const result = last?.result;
  at("check").replaceChildren(); // its "Done" means that there is a verdict, and would read as a good one here
  at("verdict").textContent = DECISIONS[result?.livenessDecision] ?? "No verdict";
  at("verdict").dataset.decision = result?.livenessDecision ?? "";
  facts([
    ["Reason", outcome.livenessError && (last?.error?.message ?? outcome.livenessError)],
    ["Same person", verified && result?.verifyResult && (result.verifyResult.isIdentical ? "yes" : "no")],
    ["Confidence", verified && result?.verifyResult?.matchConfidence?.toFixed(3)],
    ["Attempts", String(told.results?.attempts?.length ?? 0)],
    ["Digests", result && (result.digest === outcome.digest ? "the page's and the service's agree" : "differ")],
    ["Session", "deleted"],
  ]);
  at("answer").textContent = JSON.stringify(told, null, 2);
  at("result").hidden = false;
  document.body.classList.remove("checking");
  at("verdict").focus();
}

function facts(rows) {
  const cell = (tag, text) => Object.assign(document.createElement(tag), { textContent: text });
  const shown = rows.filter(([, value]) => value);
  at("facts").replaceChildren(...shown.flatMap(([name, value]) => [cell("dt", name), cell("dd", value)]));
}
