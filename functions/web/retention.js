// The retention report as a table. It asks the service that served it, with the key that is typed in, and keeps nothing.

const VERSION = "v1.2";
const ROOT = new URL("../../", import.meta.url).href.replace(/\/$/, "");
const LATE_SECONDS = 15 * 60; // a sweep takes what is over within minutes

const at = (id) => document.getElementById(id);

at("setup").addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = at("setup").querySelector("button");
  at("problem").textContent = "";
  button.disabled = true;
  try {
    show(await report(at("key").value.trim()));
  } catch (error) {
    at("result").hidden = true;
    at("problem").textContent = error.message;
  } finally {
    button.disabled = false;
  }
});

/** The report. Throws Error with the service's own message. */
async function report(key) {
  const headers = { "Ocp-Apim-Subscription-Key": key };
  const answer = await fetch(`${ROOT}/face/${VERSION}/privacy/retention`, { headers, cache: "no-store" });
  const said = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(said?.error?.message ?? `HTTP ${answer.status}`);
  return said;
}

function show({ time, kinds }) {
  const late = kinds.filter((kind) => (kind.overdueSeconds ?? 0) > LATE_SECONDS);
  const told = late.length ? `Overdue: ${late.map((kind) => kind.kind).join(", ")}` : "Nothing is overdue";
  at("verdict").textContent = `${told} (${new Date(time).toLocaleString()})`;
  at("kinds").replaceChildren(...kinds.map(row));
  at("result").hidden = false;
  at("verdict").focus();
}

function row(kind) {
  const cells = [
    kind.policy,
    `${kind.atLeast ? "at least " : ""}${kind.count.toLocaleString()}`,
    kind.oldest ? new Date(kind.oldest).toLocaleString() : "",
    kind.overdueSeconds ? `${Math.ceil(kind.overdueSeconds / 60)} min` : "",
  ].map((text) => Object.assign(document.createElement("td"), { textContent: text }));
  const name = Object.assign(document.createElement("th"), { textContent: kind.kind, scope: "row" });
  const made = document.createElement("tr");
  made.replaceChildren(name, ...cells);
  return made;
}
