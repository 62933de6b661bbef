// The calls of docs/liveness-protocol.md.

const VERSION = "v1.3-preview.1";
const GUIDE_MILLISECONDS = 8_000;
const CALL_MILLISECONDS = 30_000;
const UPLOAD_MILLISECONDS = 60_000;

/** The service said no. `status`: of HTTP; `code`, `message`: the contract's; `retryAfter`: seconds, 0 if none. */
export class Refused extends Error {
  constructor(status, { code = "", message = "" }, retryAfter) {
    super(message || `HTTP ${status}`);
    Object.assign(this, { status, code, retryAfter });
  }
}

/** No answer came: no network, or too slow. */
export class Unreachable extends Error {}

/** What a session token says: `iss`, the service's address, `sub`, the session, and whether it `verifies`. Null for what
 * is no token. */
export function claims(token) {
  try {
    const [, payload] = token.split(".");
    const bytes = Uint8Array.from(atob(payload.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
    const found = JSON.parse(new TextDecoder().decode(bytes));
    const verifies = String(found.kind).toLowerCase().includes("verify");
    return new URL(found.iss) && typeof found.sub === "string" ? { iss: found.iss, sub: found.sub, verifies } : null;
  } catch {
    return null;
  }
}

/** Binds nonce, frames, order and times: 64 hex digits in capitals. `frames`: {time, blob}. */
export async function digest(nonce, frames) {
  const ascii = (text) => new TextEncoder().encode(text);
  const hash = async (...parts) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", await new Blob(parts).arrayBuffer()));
  let chained = await hash(ascii(nonce));
  for (const { time, blob } of frames) chained = await hash(chained, ascii(`${time}|`), blob);
  return Array.from(chained, (byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();
}

export class Protocol {
  #token;
  #root;
  #signal;

  /** `endpoint`: the service's address. `signal`: ends what is under way, except giving up. */
  constructor(token, endpoint, signal) {
    this.#token = token;
    this.#root = `${String(endpoint).replace(/\/+$/, "")}/face/${VERSION}/session`;
    this.#signal = signal;
  }

  guide(jpeg) {
    const headers = { "Content-Type": "application/octet-stream" };
    return this.#post("guide", jpeg, headers, GUIDE_MILLISECONDS, this.#signal);
  }

  start(identities) {
    return this.#json("start", identities, this.#signal);
  }

  /** `digest`: of the same frames. */
  end(nonce, frames, digest, verifyImage) {
    const form = new FormData();
    form.append("capture", JSON.stringify({ nonce, times: frames.map(({ time }) => time), digest }));
    for (const { blob } of frames) form.append("frame", blob, "frame.jpg");
    if (verifyImage) form.append("verifyImage", verifyImage, "verify.jpg");
    return this.#post("attempt/end", form, {}, UPLOAD_MILLISECONDS, this.#signal);
  }

  giveUp(nonce, reason) {
    return this.#json("attempt/end", { nonce, reason }, null);
  }

  #json(path, body, signal) {
    return this.#post(path, JSON.stringify(body), { "Content-Type": "application/json" }, CALL_MILLISECONDS, signal);
  }

  /** Throws Refused, Unreachable, or the signal's reason. */
  async #post(path, body, headers, milliseconds, signal) {
    const own = new AbortController();
    const stop = () => own.abort();
    const timer = setTimeout(stop, milliseconds);
    signal?.addEventListener("abort", stop);
    try {
      const answer = await fetch(`${this.#root}/${path}`, {
        method: "POST",
        headers: { ...headers, Authorization: `Bearer ${this.#token}` },
        body,
        credentials: "omit",
        cache: "no-store",
        referrerPolicy: "no-referrer",
        keepalive: signal === null,
        signal: own.signal,
      });
      const said = await answer.json().catch(() => ({}));
      if (answer.ok) return said;
      throw new Refused(answer.status, said.error ?? {}, Number(answer.headers.get("Retry-After")) || 0);
    } catch (error) {
      if (error instanceof Refused) throw error;
      signal?.throwIfAborted();
      throw new Unreachable(error.message);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
    }
  }
}
