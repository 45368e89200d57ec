import { SatoshigleError } from "../errors.js";

/** How far a sender may be ahead of what the partner has processed, in messages. */
export const WINDOW = 32;
/** Messages wait while the browser has more than this to send, so that typing and control messages are not held up. */
const HIGH_WATER_BYTES = 65_536;
/** How much may wait in this side's queue. */
const MAX_QUEUED_BYTES = 1_048_576;

/** What the outbox needs of a data channel. */
export interface OutboxChannel {
  readonly readyState: RTCDataChannelState;
  readonly bufferedAmount: number;
  send(data: Uint8Array<ArrayBuffer>): void;
}

interface Queued {
  bytes: Uint8Array<ArrayBuffer>;
  sent: () => void;
  failed: (error: SatoshigleError) => void;
}

/** The messages of the application on their way out: in order, no faster than the network and the partner take them. */
export class Outbox {
  readonly #channel: OutboxChannel;
  readonly #queue: Queued[] = [];
  #queuedBytes = 0;
  #sentCount = 0;
  #creditedCount = 0;
  #ready = false;

  constructor(channel: OutboxChannel) {
    this.#channel = channel;
  }

  /** Resolves when the message was given to the browser; rejects if the queue is full. */
  add(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#queuedBytes + bytes.length > MAX_QUEUED_BYTES) return Promise.reject(queueFull());
    this.#queuedBytes += bytes.length;
    return new Promise((sent, failed) => {
      this.#queue.push({ bytes, sent, failed });
      this.pump();
    });
  }

  /** The partner is there: sends what waits. */
  begin(): void {
    this.#ready = true;
    this.pump();
  }

  /** The partner has processed so many messages. A partner can neither take credit back nor give too much. */
  credit(receivedCount: number): void {
    if (receivedCount <= this.#creditedCount || receivedCount > this.#sentCount) return;
    this.#creditedCount = receivedCount;
    this.pump();
  }

  /** Sends what may be sent now. */
  pump(): void {
    while (this.#mayNow) {
      const next = this.#queue.shift();
      if (!next) return;
      this.#queuedBytes -= next.bytes.length;
      this.#sentCount++;
      this.#channel.send(next.bytes);
      next.sent();
    }
  }

  fail(error: SatoshigleError): void {
    this.#queuedBytes = 0;
    for (const { failed } of this.#queue.splice(0)) failed(error);
  }

  get #mayNow(): boolean {
    const isAhead = this.#sentCount - this.#creditedCount >= WINDOW;
    const { readyState, bufferedAmount } = this.#channel;
    return this.#ready && !isAhead && readyState === "open" && bufferedAmount <= HIGH_WATER_BYTES;
  }
}

function queueFull(): SatoshigleError {
  const message = "Too much is waiting to be sent to the partner. Wait for the promises of earlier messages.";
  return new SatoshigleError("limit_reached", message);
}
