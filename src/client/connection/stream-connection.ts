import type { SignalResponse } from "../gen/satoshigle/v1/signaling_pb.js";

/** How long a stream may take to say Welcome. */
const OPEN_WITHIN_MS = 8_000;
const TICK_MS = 5_000;

/** The stream stayed silent: `opened` tells whether it ever said anything. */
export class SilentStream extends Error {
  constructor(readonly opened: boolean) {
    super("nothing arrived on the stream");
  }
}

export interface StreamConnectionHandlers {
  received(response: SignalResponse): void;
  /** Once, unless aborted from outside; `reason` is undefined when the server ended the stream properly. */
  ended(reason: unknown): void;
}

/** One stream from opening to end, which also ends when it stays silent. */
export class StreamConnection {
  readonly startedMs = Date.now();
  readonly #handlers: StreamConnectionHandlers;
  readonly #abort = new AbortController();
  #lastMs = Date.now();
  #silenceMs = OPEN_WITHIN_MS;
  #opened = false;
  #over = false;
  #timer: ReturnType<typeof setTimeout>;

  constructor(open: (signal: AbortSignal) => AsyncIterable<SignalResponse>, handlers: StreamConnectionHandlers) {
    this.#handlers = handlers;
    this.#timer = setTimeout(() => this.#check(), OPEN_WITHIN_MS);
    void this.#read(open);
  }

  /** Welcome came: from now on silence is measured by the heartbeat. */
  opened(heartbeatMs: number): void {
    this.#opened = true;
    this.#silenceMs = 2 * heartbeatMs;
    this.#watch();
  }

  /** For how long nothing arrived, in milliseconds. */
  get silentForMs(): number {
    return Date.now() - this.#lastMs;
  }

  /** Ends it without a word to the handlers. */
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
        this.#handlers.received(response);
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

  /** Looks at the wall clock in short steps: a timer alone stands still while the machine sleeps. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#over) return;
    this.#timer = setTimeout(() => this.#check(), Math.min(TICK_MS, this.#silenceMs));
  }

  #check(): void {
    this.#lastMs = Math.min(this.#lastMs, Date.now()); // the clock may have been set back
    if (this.silentForMs >= this.#silenceMs) {
      this.#end(new SilentStream(this.#opened));
      return;
    }
    this.#watch();
  }
}
