import { DomainError } from "../core/errors.js";
import type { Streams } from "./streams.js";

/** Takes this instance out of service and puts it back, until the process stops. */
export class InstanceLifecycle {
  #isStopping = false;

  /** @param timeoutMs how long open streams have to move to other instances */
  constructor(
    private readonly streams: Streams,
    private readonly timeoutMs: number,
  ) {}

  /** Moves the streams to other instances. Idempotent. */
  drain(): Promise<void> {
    return this.streams.drain(this.timeoutMs);
  }

  /**
   * Undoes `drain`. Idempotent.
   * @throws DomainError `draining` when the process is stopping
   */
  resume(): void {
    if (this.#isStopping) throw new DomainError("draining", "this process is stopping and cannot be resumed");
    this.streams.resume();
  }

  /** Drains for good. */
  stop(): Promise<void> {
    this.#isStopping = true;
    return this.drain();
  }
}
