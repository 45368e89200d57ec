import { noPartnerError } from "../errors.js";
import type { InCall, InCallSettings } from "../in-call/in-call.js";
import { loadModule } from "../load-module.js";
import type { Peer } from "./peer.js";

/** Loads what is added to a running call, once the call runs: the first picture must not wait for it. */
export class LazyInCall {
  readonly #settings: InCallSettings;
  #peer: Peer | undefined;
  #current: InCall | undefined;
  #loading: Promise<InCall> | undefined;

  constructor(settings: InCallSettings) {
    this.#settings = settings;
  }

  /** What is there already. */
  get current(): InCall | undefined {
    return this.#current;
  }

  /** The call runs over this connection. */
  attach(peer: Peer): void {
    if (peer === this.#peer) return;
    this.close();
    this.#peer = peer;
    // A failure does not matter to the call. The next use tries again.
    this.load().catch(() => undefined);
  }

  /** Resolves when the code is there; rejects if there is no call, or if the code cannot be loaded. */
  load(): Promise<InCall> {
    if (!this.#peer) return Promise.reject(noPartnerError("exchange messages with"));
    return (this.#loading ??= this.#begin(this.#peer));
  }

  close(): void {
    this.#current?.close();
    this.#peer = this.#current = this.#loading = undefined;
  }

  async #begin(peer: Peer): Promise<InCall> {
    const { InCall } = await loadModule("calls", () => import("../in-call/in-call.js")).catch((error: unknown) => {
      if (this.#peer === peer) this.#loading = undefined;
      throw error;
    });
    if (this.#peer !== peer) throw noPartnerError("exchange messages with");
    return (this.#current = new InCall(peer, this.#settings));
  }
}
