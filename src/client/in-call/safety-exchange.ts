import { SatoshigleError } from "../errors.js";
import { commitmentTo, NONCE_BYTES, symbolsOf, type Contribution } from "./safety-hash.js";
import type { SafetySymbol } from "./safety-symbols.js";

export interface SafetyMessages {
  commit(hash: Uint8Array): void;
  reveal(nonce: Uint8Array): void;
}

/**
 * Exchanges nonces once per connection. Each side commits to its nonce before either reveals one (RFC 6189, section
 * 4.4.1.1): an attacker in the middle must choose its nonces without knowing the others, so it cannot search for nonces
 * that produce the same symbols on both sides.
 */
export class SafetyExchange {
  readonly code: Promise<SafetySymbol[]>;
  readonly #own: Contribution;
  readonly #partnerFingerprint: string;
  readonly #messages: SafetyMessages;
  #settle!: { resolve: (symbols: SafetySymbol[]) => void; reject: (error: SatoshigleError) => void };
  #committed: Promise<void> | undefined;
  #commitment: Uint8Array | undefined;
  #isRevealed = false;

  constructor(fingerprints: { own: string; partner: string }, messages: SafetyMessages) {
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    this.#own = { fingerprint: fingerprints.own, nonce };
    this.#partnerFingerprint = fingerprints.partner;
    this.#messages = messages;
    this.code = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    // The promise may be rejected before the code is requested.
    this.code.catch(() => undefined);
  }

  /** Sends this side's commitment, unless it was sent. */
  begin(): Promise<void> {
    this.#committed ??= commitmentTo(this.#own).then((hash) => this.#messages.commit(hash));
    return this.#committed;
  }

  /** Receives the partner's commitment, and reveals this side's nonce. A second commitment is refused. */
  async committed(hash: Uint8Array): Promise<void> {
    if (this.#commitment) {
      this.refuse("There was a second commitment.");
      return;
    }
    this.#commitment = hash;
    await this.begin();
    this.#messages.reveal(this.#own.nonce);
  }

  /** Receives the partner's nonce, and compares it with the commitment. */
  async revealed(nonce: Uint8Array): Promise<void> {
    const partner = { fingerprint: this.#partnerFingerprint, nonce };
    const isFirst = !this.#isRevealed;
    this.#isRevealed = true;
    const hash = await commitmentTo(partner);
    const isKept = nonce.length === NONCE_BYTES && this.#commitment !== undefined && isEqual(hash, this.#commitment);
    if (isFirst && isKept) this.#settle.resolve(await symbolsOf(this.#own, partner));
    else this.refuse("The nonce is not the one committed to.");
  }

  refuse(why: string): void {
    const message = `The safety code was refused because its protocol was violated. ${why}`;
    this.#settle.reject(new SatoshigleError("safety_code_refused", message));
  }

  /** The connection ended, or the partner's client does not know the safety code. */
  end(error: SatoshigleError): void {
    this.#settle.reject(error);
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
