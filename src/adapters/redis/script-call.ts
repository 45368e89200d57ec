import type { Writable } from "node:stream";
import { Command } from "ioredis";
import type { Deadlines } from "./deadlines.js";

export type Argument = string | number | Buffer;

/** Corked connections, which send at the end of this turn of the event loop. */
const corked = new Set<Writable>();

/** A call of a function. All calls of one turn of the event loop are sent in one write. */
export class ScriptCall extends Command {
  #isWatched = false;

  constructor(
    args: Argument[],
    private readonly deadlines: Deadlines,
  ) {
    super("fcall", args, { replyEncoding: "utf8" });
  }

  /** Called by ioredis with `commandTimeout` on each send: in a Cluster, possibly to several servers. */
  override setTimeout(): void {
    if (!this.#isWatched) this.deadlines.watch(this);
    this.#isWatched = true;
  }

  /** Called by ioredis just before it writes the command to a connection. */
  override toWritable(connection: Writable): string | Buffer {
    if (!corked.has(connection)) {
      corked.add(connection);
      connection.cork();
      setImmediate(() => {
        corked.delete(connection);
        connection.uncork();
      });
    }
    return super.toWritable(connection);
  }
}
