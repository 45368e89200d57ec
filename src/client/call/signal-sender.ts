import { toBinary } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { SignalSchema, type Signal } from "../gen/satoshigle/v1/signal_pb.js";
import type { Api } from "../connection/api.js";
import { backoffMs, sleep } from "../connection/timers.js";
import { isUnauthenticated, toSatoshigleError } from "../connection/error-mapping.js";

/** Candidates come in bursts: this long one waits for the others, so that they travel in one call. */
const GATHER_MS = 20;
/** What the envelope around the signals may take. */
const OVERHEAD_BYTES = 512;

/** What the server accepts, from Welcome. */
export interface SendLimits {
  maxSignals: number;
  maxBytes: number;
}

export interface SenderLink {
  online(): Promise<void>;
  reopen(): void;
}

interface Batch {
  sequence: number;
  signals: Signal[];
}

/**
 * Brings the signals of one match to the partner, in order and each once: one call at a time, repeated with the same
 * number and content until the server has answered.
 */
export class SignalSender {
  readonly #matchId: string;
  readonly #api: Api;
  readonly #link: SenderLink;
  readonly #limits: SendLimits;
  readonly #abort = new AbortController();
  readonly #queue: Signal[] = [];
  #pending: Batch | undefined;
  #nextSequence: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #working = false;

  /** `taken`: the highest number the server has taken of this match so far. */
  constructor(matchId: string, taken: number, api: Api, link: SenderLink, limits: SendLimits) {
    this.#matchId = matchId;
    this.#nextSequence = taken + 1;
    this.#api = api;
    this.#link = link;
    this.#limits = limits;
  }

  /** Queues signals. A description leaves at once, with what else is queued by then; candidates wait for each other. */
  send(...signals: Signal[]): void {
    if (this.#abort.signal.aborted) return;
    this.#queue.push(...signals);
    if (this.#working) return;
    const urgent = this.#queue.some((signal) => signal.kind.case === "description");
    if (urgent) clearTimeout(this.#timer);
    else if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => void this.#work(), urgent ? 0 : GATHER_MS);
  }

  /** The server says what it has taken: after it lost its memory that may be less than was acknowledged. */
  resync(taken: number): void {
    if (this.#pending && this.#pending.sequence <= taken) this.#pending = undefined;
    if (this.#pending) this.#pending.sequence = taken + 1;
    this.#nextSequence = taken + (this.#pending ? 2 : 1);
  }

  /** Drops everything; the match is over. */
  close(): void {
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.#queue.length = 0;
    this.#pending = undefined;
  }

  async #work(): Promise<void> {
    this.#timer = undefined;
    if (this.#working) return;
    this.#working = true;
    for (let failures = 0; !this.#abort.signal.aborted;) {
      this.#pending ??= this.#nextBatch();
      if (!this.#pending) break;
      failures = (await this.#deliver(this.#pending, failures)) ? 0 : failures + 1;
    }
    this.#working = false;
  }

  /** Whether the batch is done with, one way or the other. */
  async #deliver(batch: Batch, failures: number): Promise<boolean> {
    await this.#link.online().catch(() => this.close());
    const { sequence, signals } = batch;
    try {
      await this.#api.send({ matchId: this.#matchId, clientSequence: sequence, signals }, this.#abort.signal);
      if (this.#pending === batch) this.#pending = undefined;
      return true;
    } catch (error) {
      // Renumbered meanwhile: what the server says about the old number means nothing.
      if (batch.sequence !== sequence) return false;
      return this.#refused(batch, error, failures);
    }
  }

  async #refused(batch: Batch, reason: unknown, failures: number): Promise<boolean> {
    if (this.#abort.signal.aborted) return true;
    const { code } = ConnectError.from(reason);
    if (code === Code.FailedPrecondition || code === Code.PermissionDenied) {
      this.close();
      return true;
    }
    if (code === Code.InvalidArgument) {
      this.#dropRefused(batch);
      return true;
    }
    if (isUnauthenticated(reason)) this.#link.reopen();
    const { retryAfterMs } = toSatoshigleError(reason);
    await sleep(Math.max(retryAfterMs ?? 0, backoffMs(failures)), this.#abort.signal);
    return false;
  }

  /** Nothing of the call was relayed, so its number is free. One odd candidate must not cost the description. */
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
