import type { IdentityTokens } from "../identity/identity-tokens.js";
import { toSatoshigleError } from "./error-mapping.js";
import { sleep } from "./timers.js";
import type { SatoshigleError } from "../errors.js";
import { loadModule } from "../load-module.js";
import type { ClientOptions } from "../types.js";

/** How long a session waits for a token, without which it continues: less than a reload may take. */
const PATIENCE_MS = 2_500;

/** The identity tokens of the app. The code for them is loaded only for apps that have any, from the beginning. */
export class LazyIdentity {
  readonly #ask: NonNullable<ClientOptions["identity"]>;
  #loading: Promise<IdentityTokens> | undefined;

  constructor(ask: NonNullable<ClientOptions["identity"]>) {
    this.#ask = ask;
    this.#load().catch(() => undefined);
  }

  /**
   * Resolves to a token, which is empty for somebody who is not signed in, or to the error. For a session, it is also
   * empty if it does not arrive soon. `isRefused`: the server does not accept the last one.
   */
  token(isRefused: boolean, hasSession: boolean): Promise<string | SatoshigleError> {
    const token = this.#load()
      .then((tokens) => tokens.token(isRefused))
      .catch(toSatoshigleError);
    if (!hasSession) return token;
    const arrived = new AbortController();
    void token.then(() => arrived.abort());
    return Promise.race([token, sleep(PATIENCE_MS, arrived.signal).then(() => "")]);
  }

  /** The token is not needed until the next call of `token`. */
  pause(): void {
    this.#loading?.then(
      (tokens) => tokens.pause(),
      () => undefined,
    );
  }

  #load(): Promise<IdentityTokens> {
    return (this.#loading ??= loadModule("identities", () => import("../identity/identity-tokens.js")).then(
      ({ IdentityTokens }) => new IdentityTokens(this.#ask),
      (error: unknown) => {
        this.#loading = undefined;
        throw error;
      },
    ));
  }
}
