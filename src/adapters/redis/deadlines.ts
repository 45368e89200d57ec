import type { Command } from "ioredis";

/** How often is looked for commands without an answer, in milliseconds, and at which look one is given up. */
const TICK_MS = 100;
const TICKS = 10;

/**
 * Gives up commands that Redis does not answer within a second. Time is counted in ticks of one timer for all: while this
 * process stands still none passes, so that it does not blame Redis for its own lateness. Answers that came meanwhile
 * are still to be read when the timer fires, which Node.js does before its immediates.
 */
export class Deadlines {
  /** What was sent since each of the last ticks, the newest last. */
  #sent: Command[][] = [[]];
  #timer: NodeJS.Timeout | undefined;

  watch(command: Command): void {
    this.#sent.at(-1)?.push(command);
    this.#timer ??= setInterval(() => {
      this.#tick();
    }, TICK_MS).unref();
  }

  #tick(): void {
    this.#sent.push([]);
    if (this.#sent.length > TICKS + 1) setImmediate(giveUp, this.#sent.shift() ?? []);
    if (this.#sent.some((commands) => commands.length > 0)) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function giveUp(commands: Command[]): void {
  for (const command of commands) {
    if (!command.isSettled) command.reject(new Error("Redis did not answer in time"));
  }
}
