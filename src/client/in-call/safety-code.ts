import { SatoshigleError } from "../errors.js";
import { SafetyExchange, type SafetyMessages } from "./safety-exchange.js";
import { fingerprintOf } from "./safety-hash.js";
import type { SafetySymbol } from "./safety-symbols.js";

export interface SafetyCodeHandlers extends SafetyMessages {
  /** The certificates changed after the code was agreed on, so the code says nothing any more. */
  changed(error: SatoshigleError): void;
}

/** The safety code of one peer connection, which is agreed on when one side asks for it. */
export class SafetyCode {
  readonly #connection: RTCPeerConnection;
  readonly #handlers: SafetyCodeHandlers;
  #exchange: SafetyExchange | undefined;
  /** The fingerprints that the exchange is about. */
  #fingerprints = "";
  #ready = false;
  #ended: SatoshigleError | undefined;
  readonly #check = (): void => this.#checkFingerprints();

  constructor(connection: RTCPeerConnection, handlers: SafetyCodeHandlers) {
    this.#connection = connection;
    this.#handlers = handlers;
  }

  /** Returns the code, after agreeing on it with the partner if necessary. */
  async get(): Promise<readonly SafetySymbol[]> {
    if (this.#ended) throw this.#ended;
    this.#checkFingerprints();
    const exchange = this.#begun();
    if (this.#ready) await exchange.begin();
    return exchange.code;
  }

  /** The partner's client is there. */
  begin(): void {
    this.#ready = true;
    // A partner that answered late.
    if (this.#ended?.code === "not_supported") [this.#ended, this.#exchange] = [undefined, undefined];
    void this.#exchange?.begin();
  }

  committed(hash: Uint8Array): void {
    this.#attempt((exchange) => exchange.committed(hash));
  }

  revealed(nonce: Uint8Array): void {
    this.#attempt((exchange) => exchange.revealed(nonce));
  }

  end(error: SatoshigleError): void {
    this.#ended = error;
    this.#exchange?.end(error);
    this.#connection.removeEventListener("signalingstatechange", this.#check);
  }

  /** Ignores a step that the partner begins if this browser does not support the safety code. */
  #attempt(step: (exchange: SafetyExchange) => Promise<void>): void {
    try {
      step(this.#begun()).catch(() => undefined);
    } catch {
      // `get` reports the cause.
    }
  }

  #begun(): SafetyExchange {
    if (this.#exchange) return this.#exchange;
    const [own, partner] = this.#current();
    if (own === undefined || partner === undefined || !("subtle" in crypto)) throw notPossible();
    this.#fingerprints = `${own} ${partner}`;
    this.#connection.addEventListener("signalingstatechange", this.#check);
    return (this.#exchange = new SafetyExchange({ own, partner }, this.#handlers));
  }

  #current(): (string | undefined)[] {
    const { currentLocalDescription, currentRemoteDescription } = this.#connection;
    return [currentLocalDescription, currentRemoteDescription].map((one) => fingerprintOf(one?.sdp));
  }

  /** A later description may contain other certificates, which the two people have not compared. */
  #checkFingerprints(): void {
    if (!this.#exchange || this.#connection.signalingState !== "stable") return;
    if (this.#current().join(" ") === this.#fingerprints) return;
    const message = "The connection has another certificate than the one that the safety code was about.";
    const error = new SatoshigleError("safety_code_refused", message);
    this.end(error);
    this.#handlers.changed(error);
  }
}

function notPossible(): SatoshigleError {
  return new SatoshigleError("not_supported", "This browser, or its connection, has no safety code.");
}
