import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";

export interface Handled {
  id: string;
  type: string;
  timestamp: string;
  data: Record<string, unknown>;
}

/**
 * What was handled, in a file, one JSON line each. A real service keeps the ID in its database instead, in the transaction
 * that handles the message, and forgets it after some days.
 */
export class Inbox {
  readonly #ids = new Set<string>();

  constructor(private readonly file: string) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    // A crash may leave half a line. It was not acknowledged, and its message comes again.
    if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
    for (const line of whole.split("\n")) if (line !== "") this.#ids.add((JSON.parse(line) as Handled).id);
  }

  /** Stores a message before it is acknowledged. Returns whether it is new. */
  add(handled: Handled): boolean {
    if (this.#ids.has(handled.id)) return false;
    appendFileSync(this.file, `${JSON.stringify(handled)}\n`, { flush: true });
    this.#ids.add(handled.id);
    return true;
  }
}
