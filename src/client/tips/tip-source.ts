import type { Tip } from "./types.js";

/** Gives tips. */
export interface TipSource {
  tip: (amountMsat: number) => Promise<Tip>;
  /** Whether the money of an unsettled tip may be gone nevertheless. */
  mayBePaid: (id: string) => boolean;
}
