import { SatoshigleError } from "../errors.js";
import { commitmentTo, NONCE_BYTES, symbolsOf, type Contribution } from "./safety-hash.js";
import type { SafetySymbol } from "./safety-symbols.js";

export interface SafetyMessages {
  commit(hash: Uint8Array): void;
  reveal(nonce: Uint8Array): void;
}

/**
 * One exchange of nonces, for one connection, with commitments first (as in RFC 6189, 4.4.1.1, where the hash commitment
 * makes a short authentication string safe): whoever is in the middle has to choose its nonces before it learns those of
 * the two sides, and so cannot search for ones that give both the same symbols. There is one attempt in a connection.
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
    // It may fail before somebody asks for it.
    this.code.catch(() => undefined);
  }

  /** Sends this side's commitment, unless it was sent. */
  begin(): Promise<void> {
    this.#committed ??= commitmentTo(this.#own).then((hash) => this.#messages.commit(hash));
    return this.#committed;
  }

  /** The partner's commitment: this side's nonce may now be revealed. A second one is a second attempt. */
  async committed(hash: Uint8Array): Promise<void> {
    if (this.#commitment) {
      this.refuse("There was a second commitment.");
      return;
    }
    this.#commitment = hash;
    await this.begin();
    this.#messages.reveal(this.#own.nonce);
  }

  /** The partner's nonce. */
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
    const message = `The safety code was refused, as somebody does not keep to its rules. ${why}`;
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
