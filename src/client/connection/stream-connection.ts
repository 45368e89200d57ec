import { MAX_OPEN_MS } from "./reconnect-policy.js";
import type { SignalResponse } from "../gen/satoshigle/v1/signaling_pb.js";

/** The part of the time to open after which to find out why Welcome does not come: early enough to know by then. */
const PROBE_AFTER = 5 / 8;
const CHECK_INTERVAL_MS = 5_000;

/** Nothing arrived on the stream for too long. */
export class StreamTimeoutError extends Error {
  override readonly name = "StreamTimeoutError";
}

/** Opens a stream. `onHead`: the headers of the response arrived. */
type OpenStream = (signal: AbortSignal, onHead: () => void) => AsyncIterable<SignalResponse>;

export interface StreamConnectionHandlers {
  response(response: SignalResponse): void;
  /** Finds out whether the server answers at all. Called once, if nothing has arrived for most of the open timeout. */
  probe(): Promise<boolean>;
  /** Called once, unless the connection was aborted. `reason` is undefined if the server ended the stream properly. */
  ended(reason: unknown): void;
}

/** One stream from opening to end. It ends when nothing arrives for too long. */
export class StreamConnection {
  readonly startedMs = Date.now();
  readonly #handlers: StreamConnectionHandlers;
  readonly #abort = new AbortController();
  #lastMs = Date.now();
  #timeoutMs: number;
  #over = false;
  /** Whether the server answered, with the headers of this stream or otherwise, although no event arrived. */
  isAnswered = false;
  #timer: ReturnType<typeof setTimeout>;

  /** @param openTimeoutMs how long the stream may take until Welcome */
  constructor(open: OpenStream, openTimeoutMs: number, handlers: StreamConnectionHandlers) {
    this.#handlers = handlers;
    this.#timeoutMs = openTimeoutMs;
    const probeAfterMs = Math.round(openTimeoutMs * PROBE_AFTER);
    this.#timer = setTimeout(() => this.#probe(openTimeoutMs - probeAfterMs), probeAfterMs);
    void this.#read(open);
  }

  /** Welcome arrived: from now on the heartbeat defines the timeout. */
  opened(heartbeatMs: number): void {
    this.#timeoutMs = 2 * heartbeatMs;
    this.#scheduleCheck();
  }

  /** The time since the last response, in milliseconds. */
  get silentForMs(): number {
    return Date.now() - this.#lastMs;
  }

  /** Ends the stream without calling the handlers. */
  abort(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#abort.abort();
  }

  async #read(open: OpenStream): Promise<void> {
    try {
      for await (const response of open(this.#abort.signal, () => {
        this.isAnswered = true;
        this.#timeoutMs = MAX_OPEN_MS; // many may be before this client
      })) {
        if (this.#over) return;
        this.#lastMs = Date.now();
        this.#handlers.response(response);
      }
      this.#end(undefined);
    } catch (error) {
      this.#end(error);
    }
  }

  #probe(leftMs: number): void {
    this.#timer = setTimeout(() => this.#check(), leftMs);
    if (!this.isAnswered) void this.#handlers.probe().then((isAnswered) => (this.isAnswered ||= isAnswered));
  }

  #end(reason: unknown): void {
    if (this.#over) return;
    this.abort();
    this.#handlers.ended(reason);
  }

  /** Compares the wall clock in short intervals, because a timer stands still while the machine sleeps. */
  #scheduleCheck(): void {
    clearTimeout(this.#timer);
    if (this.#over) return;
    this.#timer = setTimeout(() => this.#check(), Math.min(CHECK_INTERVAL_MS, this.#timeoutMs));
  }

  #check(): void {
    this.#lastMs = Math.min(this.#lastMs, Date.now()); // the clock may have been set back
    if (this.silentForMs >= this.#timeoutMs) {
      this.#end(new StreamTimeoutError());
      return;
    }
    this.#scheduleCheck();
  }
}
