import { toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { SignalSchema, type Signal } from "../gen/satoshigle/v1/signal_pb.js";
import type { Api } from "../connection/api.js";
import { retry, type RetryDecision, type SessionLink } from "../connection/retry.js";

/** How long a candidate waits for others, so that a burst of them travels in one call. */
const GATHER_MS = 20;
/** Room for the message around the signals. */
const OVERHEAD_BYTES = 512;

/** The server's limits for one call, from Welcome. */
export interface SendLimits {
  maxSignals: number;
  maxBytes: number;
}

interface Batch {
  sequence: number;
  signals: Signal[];
}

/**
 * Sends the signals of one match to the partner, in order and each exactly once: one call at a time, repeated with the
 * same number and content until the server has answered.
 */
export class SignalSender {
  readonly #matchId: string;
  readonly #api: Api;
  readonly #link: SessionLink;
  readonly #limits: SendLimits;
  readonly #abort = new AbortController();
  readonly #queue: Signal[] = [];
  #pending: Batch | undefined;
  #nextSequence: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #flushing = false;

  /** @param acknowledged the highest number in this match that the server has accepted so far */
  constructor(matchId: string, acknowledged: number, api: Api, link: SessionLink, limits: SendLimits) {
    this.#matchId = matchId;
    this.#nextSequence = acknowledged + 1;
    this.#api = api;
    this.#link = link;
    this.#limits = limits;
  }

  /** Queues signals. A description is sent at once, together with everything queued; candidates wait for each other. */
  send(...signals: Signal[]): void {
    if (this.#abort.signal.aborted) return;
    this.#queue.push(...signals);
    if (this.#flushing) return;
    const urgent = this.#queue.some((signal) => signal.kind.case === "description");
    if (urgent) clearTimeout(this.#timer);
    else if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#flush(), urgent ? 0 : GATHER_MS);
  }

  /** Adopts the number that the server has accepted. A server that lost its state may be behind its acknowledgements. */
  resync(acknowledged: number): void {
    if (this.#pending && this.#pending.sequence <= acknowledged) this.#pending = undefined;
    if (this.#pending) this.#pending.sequence = acknowledged + 1;
    this.#nextSequence = acknowledged + (this.#pending ? 2 : 1);
  }

  /** Drops everything; the match is over. */
  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.#queue.length = 0;
    this.#pending = undefined;
  }

  async #flush(): Promise<void> {
    this.#timer = undefined;
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      while ((this.#pending ??= this.#nextBatch())) {
        await retry(() => this.#sendPending(), { link: this.#link, signal: this.#abort.signal, decide });
      }
    } catch {
      this.close();
    }
    this.#flushing = false;
  }

  async #sendPending(): Promise<void> {
    const batch = (this.#pending ??= this.#nextBatch());
    if (!batch) return;
    const { sequence, signals } = batch;
    try {
      await this.#api.send({ matchId: this.#matchId, clientSequence: sequence, signals }, this.#abort.signal);
      if (this.#pending === batch) this.#pending = undefined;
    } catch (error) {
      // Renumbered in the meantime, so the answer to the old number means nothing.
      if (batch.sequence !== sequence) return;
      if (ConnectError.from(error).code !== Code.InvalidArgument) throw error;
      this.#dropRefused(batch);
    }
  }

  /** The server relayed nothing, so the number is free. One odd candidate must not take the description with it. */
  #dropRefused(batch: Batch): void {
    if (this.#pending !== batch) return;
    const descriptions = batch.signals.filter((signal) => signal.kind.case === "description");
    this.#pending = undefined;
    this.#nextSequence = batch.sequence;
    const mixed = descriptions.length > 0 && descriptions.length < batch.signals.length;
    if (mixed) this.#pending = { sequence: this.#nextSequence++, signals: descriptions };
  }

  #nextBatch(): Batch | undefined {
    let bytes = OVERHEAD_BYTES;
    let count = 0;
    for (const signal of this.#queue) {
      bytes += toBinary(SignalSchema, signal).length + 4;
      if (count === this.#limits.maxSignals || (count > 0 && bytes > this.#limits.maxBytes)) break;
      count++;
    }
    if (count === 0) return undefined;
    return { sequence: this.#nextSequence++, signals: this.#queue.splice(0, count) };
  }
}

/** A match that is over stays over; any other failure may pass. */
function decide(error: unknown): RetryDecision {
  const { code } = ConnectError.from(error);
  return code === Code.FailedPrecondition || code === Code.PermissionDenied ? "fail" : "retry";
}
