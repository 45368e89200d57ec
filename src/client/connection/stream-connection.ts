import type { SignalResponse } from "../gen/satoshigle/v1/signaling_pb.js";

const CHECK_INTERVAL_MS = 5_000;

/** Nothing arrived on the stream for too long. */
export class StreamTimeoutError extends Error {
  override readonly name = "StreamTimeoutError";
}

export interface StreamConnectionHandlers {
  response(response: SignalResponse): void;
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
  #timer: ReturnType<typeof setTimeout>;

  /** @param openTimeoutMs how long the stream may take until Welcome */
  constructor(
    open: (signal: AbortSignal) => AsyncIterable<SignalResponse>,
    openTimeoutMs: number,
    handlers: StreamConnectionHandlers,
  ) {
    this.#handlers = handlers;
    this.#timeoutMs = openTimeoutMs;
    this.#timer = setTimeout(() => this.#check(), openTimeoutMs);
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

  async #read(open: (signal: AbortSignal) => AsyncIterable<SignalResponse>): Promise<void> {
    try {
      for await (const response of open(this.#abort.signal)) {
        if (this.#over) return;
        this.#lastMs = Date.now();
        this.#handlers.response(response);
      }
      this.#end(undefined);
    } catch (error) {
      this.#end(error);
    }
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
      this.#end(new StreamTimeoutError("nothing arrived on the stream"));
      return;
    }
    this.#scheduleCheck();
  }
}
