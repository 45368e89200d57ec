import type { IdentityTokens } from "../identity/identity-tokens.js";
import { toSatoshigleError } from "./error-mapping.js";
import type { SatoshigleError } from "../errors.js";
import { loadModule, notLoadedError } from "../load-module.js";
import type { ClientOptions } from "../types.js";

/** The identity tokens of the app. The code for them is loaded only for apps that have any, from the beginning. */
export class LazyIdentity {
  readonly #ask: NonNullable<ClientOptions["identity"]>;
  #loading: Promise<IdentityTokens> | undefined;

  constructor(ask: NonNullable<ClientOptions["identity"]>) {
    this.#ask = ask;
    this.#load().catch(() => undefined);
  }

  /**
   * Resolves to a token, which is empty for somebody who is not signed in, or to the error. `isRefused`: the server does
   * not accept the last one.
   */
  token(isRefused: boolean): Promise<string | SatoshigleError> {
    return this.#load()
      .then((tokens) => tokens.token(isRefused))
      .catch(toSatoshigleError);
  }

  /** The token is not needed until the next call of `token`. */
  pause(): void {
    this.#loading?.then(
      (tokens) => tokens.pause(),
      () => undefined,
    );
  }

  #load(): Promise<IdentityTokens> {
    return (this.#loading ??= loadModule(() => import("../identity/identity-tokens.js")).then(
      ({ IdentityTokens }) => new IdentityTokens(this.#ask),
      (cause: unknown) => {
        this.#loading = undefined;
        throw notLoadedError("identities", cause);
      },
    ));
  }
}
