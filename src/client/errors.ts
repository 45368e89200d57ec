import type { ErrorCode } from "./types.js";

/** What every command rejects with and every `error` event carries. */
export class SatoshigleError extends Error {
  override readonly name = "SatoshigleError";
  /** When what stands in the way ends by itself, such as a ban; undefined when the server did not say. */
  readonly expiresAtMs: number | undefined;

  constructor(
    readonly code: ErrorCode,
    /** What happened, for a person. */
    message: string,
    /** After how many milliseconds a retry makes sense, when the server said so. */
    readonly retryAfterMs?: number,
    /** The field that was refused, such as `preferences.interests`. */
    readonly field?: string,
    options: ErrorOptions & { expiresAtMs?: number | undefined } = {},
  ) {
    super(message, options);
    this.expiresAtMs = options.expiresAtMs;
  }
}
