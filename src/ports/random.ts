/** Randomness, injected so that tests control it. */
export interface Random {
  /** A new unguessable id of 22 URL-safe characters (128 bits). */
  id(): string;
  /** A number from 0 (inclusive) to 1 (exclusive), for jitter only. */
  float(): number;
}
