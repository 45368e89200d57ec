import { Allowance } from "../call/allowance.js";
import { WINDOW } from "./outbox.js";

/** Credit is given for so many messages at once, at this rate: 100 messages a second, whatever the partner sends. */
const CREDIT_STEP = 8;
const [BURST_CREDITS, CREDITS_PER_SECOND] = [8, 12.5];

/** The partner's messages of the application on their way in. It sends as many as this side gives it credit for. */
export class Inflow {
  readonly #credit: (receivedCount: number) => void;
  readonly #allowance = new Allowance(BURST_CREDITS, CREDITS_PER_SECOND);
  #receivedCount = 0;
  #creditedCount = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(credit: (receivedCount: number) => void) {
    this.#credit = credit;
  }

  /** Whether a message that has arrived is within the credit. Others are to be dropped. */
  take(): boolean {
    if (this.#receivedCount - this.#creditedCount >= WINDOW) return false;
    this.#receivedCount++;
    this.#creditWhenDue();
    return true;
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #creditWhenDue(): void {
    if (this.#timer !== undefined || this.#receivedCount - this.#creditedCount < CREDIT_STEP) return;
    if (this.#allowance.take()) {
      this.#creditedCount += CREDIT_STEP;
      this.#credit(this.#creditedCount);
      this.#creditWhenDue();
      return;
    }
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#creditWhenDue();
      },
      Math.max(1, this.#allowance.waitMs),
    );
  }
}
