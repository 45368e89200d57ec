import type { Writable } from "node:stream";
import { Command } from "ioredis";
import type { Deadlines } from "./deadlines.js";

/** Connections with something to send at the end of this turn of the event loop. */
const gathering = new Set<Writable>();

/** A script on its way to Redis. What is called in one turn of the event loop goes out in one write. */
export class ScriptCall extends Command {
  #isWatched = false;

  constructor(
    name: "evalsha" | "eval",
    args: (string | number)[],
    private readonly deadlines: Deadlines,
  ) {
    super(name, args, { replyEncoding: "utf8" });
  }

  /** Called by ioredis with `commandTimeout` each time it sends the command: in a Cluster perhaps to several servers. */
  override setTimeout(): void {
    if (!this.#isWatched) this.deadlines.watch(this);
    this.#isWatched = true;
  }

  /** Called by ioredis just before it writes the command to a connection. */
  override toWritable(connection: Writable): string | Buffer {
    if (!gathering.has(connection)) {
      gathering.add(connection);
      connection.cork();
      setImmediate(() => {
        gathering.delete(connection);
        connection.uncork();
      });
    }
    return super.toWritable(connection);
  }
}
