import { SatoshigleError } from "../errors.js";
import type { ClientOptions } from "../types.js";

/** How long the app may take. */
const TIMEOUT_MS = 10_000;
/** A token is replaced before it expires: this long before, but a short-lived one not before most of its life is over. */
const [MAX_MARGIN_MS, MARGIN] = [60_000, 1 / 5];
/** The shortest and the longest pause between two calls of the app that nothing waits for. */
const [MIN_PAUSE_MS, MAX_PAUSE_MS] = [30_000, 86_400_000];
/** As on the server. */
const MAX_CHARACTERS = 4_096;

/** A token, empty for somebody who is not signed in. Times in `Date.now()` milliseconds. */
interface Held {
  token: string;
  replaceAtMs: number;
  expiresAtMs: number;
}

const NOTHING: Held = { token: "", replaceAtMs: 0, expiresAtMs: 0 };

/** Keeps a valid token at hand, so that a lost connection is restored without asking the app. */
export class IdentityTokens {
  readonly #ask: NonNullable<ClientOptions["identity"]>;
  #held = NOTHING;
  #asking: Promise<Held> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ask: NonNullable<ClientOptions["identity"]>) {
    this.#ask = ask;
  }

  /** Returns the token at hand, or the next one if it has expired or was refused. Rejects with a `SatoshigleError`. */
  async token(isRefused: boolean): Promise<string> {
    const { token, replaceAtMs, expiresAtMs } = this.#held;
    if (!isRefused && Date.now() < replaceAtMs) {
      this.#replaceAt(replaceAtMs);
      return token;
    }
    try {
      return (await this.#next()).token;
    } catch (error) {
      if (isRefused || Date.now() >= expiresAtMs) throw error;
      return token;
    }
  }

  /** Stops replacing the token before it expires, until `token` is called again. */
  pause(): void {
    clearTimeout(this.#timer);
  }

  #next(): Promise<Held> {
    return (this.#asking ??= this.#askApp().finally(() => (this.#asking = undefined)));
  }

  async #askApp(): Promise<Held> {
    const answer = await withinTime((signal) => this.#ask({ signal }));
    this.#held = answer === null ? NOTHING : read(answer, Date.now());
    if (this.#held.token !== "") this.#replaceAt(this.#held.replaceAtMs);
    return this.#held;
  }

  #replaceAt(atMs: number): void {
    clearTimeout(this.#timer);
    const delayMs = Math.min(Math.max(atMs - Date.now(), MIN_PAUSE_MS), MAX_PAUSE_MS);
    // After a failure the token at hand is used for as long as it is valid.
    this.#timer = setTimeout(() => void this.#next().catch(() => this.#replaceAt(0)), delayMs);
  }
}

/** Calls the app. Rejects if it takes too long. */
function withinTime<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const fail = (message: string, cause?: unknown): void => {
      abort.abort(cause);
      reject(new SatoshigleError("identity_unavailable", message, { cause }));
    };
    const timer = setTimeout(() => fail("The app did not provide an identity token in time."), TIMEOUT_MS);
    new Promise<T>((begin) => begin(ask(abort.signal)))
      .then(resolve, (cause: unknown) => fail("The app did not provide an identity token.", cause))
      .finally(() => clearTimeout(timer));
  });
}

/** The claims say when the token expires, by the app's clock. This browser's clock may differ. */
function read(token: unknown, nowMs: number): Held {
  const claims = typeof token === "string" && token.length <= MAX_CHARACTERS ? claimsOf(token) : undefined;
  if (!claims) {
    const message = "The app did not provide an identity token, but something else.";
    throw new SatoshigleError("identity_refused", message, { problem: "malformed" });
  }
  const { exp, iat } = claims;
  const expiresMs = typeof exp === "number" ? exp * 1_000 : 0;
  // A clock that is behind does not make the token valid for longer than it is.
  const lifetimeMs = typeof iat === "number" ? expiresMs - iat * 1_000 : Infinity;
  const leftMs = Math.max(0, Math.min(expiresMs - nowMs, lifetimeMs));
  const expiresAtMs = nowMs + leftMs;
  return {
    token: token as string,
    expiresAtMs,
    replaceAtMs: expiresAtMs - Math.min(MAX_MARGIN_MS, leftMs * MARGIN),
  };
}

/** Returns the claims of a JWT, or undefined if it is none. Only the server can check them. */
function claimsOf(token: string): { exp?: unknown; iat?: unknown } | undefined {
  const [, payload = ""] = /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(token) ?? [];
  try {
    return JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/"))) as object;
  } catch {
    return undefined;
  }
}
