import type { ErrorCode } from "./types.js";

/** What every command rejects with and every `error` event carries. */
export class SatoshigleError extends Error {
  override readonly name = "SatoshigleError";

  constructor(
    readonly code: ErrorCode,
    /** What happened, for a person. */
    message: string,
    /** After how many milliseconds a retry makes sense, when the server said so. */
    readonly retryAfterMs?: number,
    /** The field that was refused, such as `preferences.interests`. */
    readonly field?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
