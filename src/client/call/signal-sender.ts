import { toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { SignalSchema, type Signal } from "../gen/satoshigle/v1/signal_pb.js";
import type { Api } from "../connection/api.js";
import { isSequenceGap } from "../connection/error-mapping.js";
import { retry, type RetryDecision, type SessionLink } from "../connection/retry.js";

/** How long a candidate waits for others, so that a burst of them travels in one call. */
const GATHER_MS = 20;
/** Room for the message around the signals. */
const OVERHEAD_BYTES = 512;
/** Calls that may be open at a time: over HTTP/1.1, each takes one of the six connections to a host. */
const MAX_OPEN_CALLS = 3;

/** The server's limits for one call, from Welcome. */
export interface SendLimits {
  maxSignals: number;
  maxBytes: number;
}

/** The signals of one call, which is repeated until the server has answered it. */
interface Batch {
  sequence: number;
  signals: Signal[];
  /** The server has the signals, or has refused them. */
  settled: boolean;
}

/**
 * Sends the signals of one match to the partner, in order and each exactly once. Calls do not wait for each other: the
 * server accepts them in the order of their numbers, and a call that overtook another is repeated after it.
 */
export class SignalSender {
  readonly #matchId: string;
  readonly #api: Api;
  readonly #link: SessionLink;
  readonly #limits: SendLimits;
  readonly #abort = new AbortController();
  readonly #queue: Signal[] = [];
  /** The batches that are not settled, in the order of their numbers. */
  #open: Batch[] = [];
  #acknowledged: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Resolves when the newest batch and all before it are settled, or the match is over. */
  #lastDelivery: Promise<void> = Promise.resolve();

  /** @param acknowledged the highest number in this match that the server has accepted so far */
  constructor(matchId: string, acknowledged: number, api: Api, link: SessionLink, limits: SendLimits) {
    this.#matchId = matchId;
    this.#acknowledged = acknowledged;
    this.#api = api;
    this.#link = link;
    this.#limits = limits;
  }

  /** Queues signals. A description is sent at once, together with everything queued; candidates wait for each other. */
  send(...signals: Signal[]): void {
    if (this.#abort.signal.aborted) return;
    this.#queue.push(...signals);
    const urgent = this.#queue.some((signal) => signal.kind.case === "description");
    if (urgent) clearTimeout(this.#timer);
    else if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#flush(), urgent ? 0 : GATHER_MS);
  }

  /** Adopts the number that the server has accepted. A server that lost its state may be behind its acknowledgements. */
  resync(acknowledged: number): void {
    this.#acknowledged = acknowledged;
    this.#settle(acknowledged);
  }

  /** Drops everything; the match is over. */
  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.#queue.length = 0;
    this.#open = [];
  }

  #flush(): void {
    this.#timer = undefined;
    while (this.#open.length < MAX_OPEN_CALLS) {
      const signals = this.#nextSignals();
      if (signals.length === 0) return;
      const batch = { sequence: this.#acknowledged + this.#open.length + 1, signals, settled: false };
      this.#open.push(batch);
      this.#lastDelivery = this.#deliver(batch, this.#lastDelivery);
    }
  }

  async #deliver(batch: Batch, earlier: Promise<void>): Promise<void> {
    try {
      while (!batch.settled) {
        await retry(() => this.#call(batch, earlier), { link: this.#link, signal: this.#abort.signal, decide });
      }
    } catch {
      this.close();
      return;
    }
    if (this.#timer === undefined) this.#flush();
  }

  async #call(batch: Batch, earlier: Promise<void>): Promise<void> {
    const { sequence, signals } = batch;
    if (batch.settled) return;
    const isFirst = this.#open[0] === batch;
    try {
      await this.#api.send({ matchId: this.#matchId, clientSequence: sequence, signals }, this.#abort.signal);
    } catch (error) {
      // Renumbered in the meantime, so the answer to the old number means nothing.
      if (batch.sequence !== sequence) return;
      if (ConnectError.from(error).code === Code.InvalidArgument) this.#dropRefused(batch);
      else if (isSequenceGap(error) && !isFirst) await earlier;
      else throw error;
      return;
    }
    if (batch.sequence === sequence) this.#settle(sequence);
  }

  /** The server has everything up to this number: it accepts no number before the one that precedes it. */
  #settle(sequence: number): void {
    for (const batch of this.#open) batch.settled ||= batch.sequence <= sequence;
    this.#acknowledged = Math.max(this.#acknowledged, sequence);
    this.#renumber();
  }

  /** The server relayed nothing, so the number is free. One odd candidate must not take the description with it. */
  #dropRefused(batch: Batch): void {
    const descriptions = batch.signals.filter((signal) => signal.kind.case === "description");
    const mixed = descriptions.length > 0 && descriptions.length < batch.signals.length;
    if (mixed) batch.signals = descriptions;
    else batch.settled = true;
    this.#renumber();
  }

  /** Forgets what is settled, and numbers the rest without gaps. */
  #renumber(): void {
    this.#open = this.#open.filter((batch) => !batch.settled);
    let sequence = this.#acknowledged;
    for (const batch of this.#open) batch.sequence = ++sequence;
  }

  #nextSignals(): Signal[] {
    let bytes = OVERHEAD_BYTES;
    let count = 0;
    for (const signal of this.#queue) {
      bytes += toBinary(SignalSchema, signal).length + 4;
      if (count === this.#limits.maxSignals || (count > 0 && bytes > this.#limits.maxBytes)) break;
      count++;
    }
    return this.#queue.splice(0, count);
  }
}

/** A match that is over stays over; any other failure may pass. */
function decide(error: unknown): RetryDecision {
  const { code } = ConnectError.from(error);
  return code === Code.FailedPrecondition || code === Code.PermissionDenied ? "fail" : "retry";
}
