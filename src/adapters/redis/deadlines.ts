import type { Command } from "ioredis";

/** Length of a tick in milliseconds, and after how many ticks a command without a reply fails. */
const TICK_MS = 100;
const TICKS = 10;

/**
 * Fails commands that Redis does not answer within a second. One timer counts time in ticks for all commands. No tick
 * passes while this process is blocked, so that its own delays do not count against Redis. Replies that arrived
 * meanwhile are still unread when the timer fires; Node.js reads them before it runs immediates.
 */
export class Deadlines {
  /** Commands sent since each of the last ticks, the newest last. */
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
    if (this.#sent.length > TICKS + 1) setImmediate(failCommands, this.#sent.shift() ?? []);
    if (this.#sent.some((commands) => commands.length > 0)) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function failCommands(commands: Command[]): void {
  for (const command of commands) {
    if (!command.isSettled) command.reject(new Error("Redis did not answer in time"));
  }
}
