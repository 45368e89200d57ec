/** Chance, injected so that tests decide it. */
export interface Random {
  /** A new unguessable id of 22 URL-safe characters (128 bits). */
  id(): string;
  /** A number from 0 (included) to 1 (excluded), for jitter only. */
  float(): number;
}
