import { call, type Wire } from "../connection/api.js";
import { EvidenceService } from "../gen/satoshigle/v1/evidence_pb.js";
import type { Chain } from "./chat-chain.js";

const EVERY_MS = 10_000;

/** Tells the server what this side has said, as a hash, and not more often than every ten seconds. */
export class Commitments {
  readonly #wire: Wire;
  readonly #matchId: string;
  #chain: Chain | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sentMs = -Infinity;

  constructor(wire: Wire, matchId: string) {
    this.#wire = wire;
    this.#matchId = matchId;
  }

  /** This side said something. */
  update(chain: Chain): void {
    this.#chain = chain;
    this.#timer ??= setTimeout(() => this.#send(), Math.max(0, this.#sentMs + EVERY_MS - Date.now()));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** A lost one does not matter: the next covers its lines as well. */
  #send(): void {
    this.#timer = undefined;
    this.#sentMs = Date.now();
    const request = { matchId: this.#matchId, ...this.#chain };
    call(this.#wire, EvidenceService.method.commitChat, request).catch(() => undefined);
  }
}
