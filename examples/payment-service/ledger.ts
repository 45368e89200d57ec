import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";

export interface Booking {
  cursor: string;
  tipId: string;
  payee: string;
  amountMsat: string;
}

/** Bookings in a file, one JSON line each. A real service uses a transaction of its database instead. */
export class Ledger {
  /** The cursor of the last booking; empty before the first. */
  cursor: string;

  constructor(private readonly file: string) {
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    // A crash may leave half a line. It was not booked, and its tip is delivered again.
    if (whole.length < text.length) truncateSync(file, Buffer.byteLength(whole));
    const last = whole.trimEnd().split("\n").at(-1) ?? "";
    this.cursor = last === "" ? "" : (JSON.parse(last) as Booking).cursor;
  }

  /** Stores a booking with its cursor, in one write that is flushed to disk. */
  book(booking: Booking): void {
    appendFileSync(this.file, `${JSON.stringify(booking)}\n`, { flush: true });
    this.cursor = booking.cursor;
  }
}
