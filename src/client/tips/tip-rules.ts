import { noPartnerError, SatoshigleError } from "../errors.js";
import type { State } from "../types.js";
import type { SatsStreamOptions } from "./types.js";

/** Returns the ID of the match in which the tip can be offered; throws if it cannot be. */
export function checkTip(state: State, amountMsat: number): string {
  const { tips, activity } = state;
  if (tips === null) throw new SatoshigleError("tips_off", "Tips are disabled on this server.");
  if (activity.phase !== "matched") throw noPartnerError("tip");
  if (!Number.isSafeInteger(amountMsat) || amountMsat < tips.minMsat || amountMsat > tips.maxMsat) {
    const range = `${String(tips.minMsat)} to ${String(tips.maxMsat)} millisatoshis`;
    throw new SatoshigleError("invalid", `A tip must be a whole number from ${range}.`, { field: "amount_msat" });
  }
  return activity.matchId;
}

/** Returns the ID of the match in which the stream can begin; throws if it cannot. */
export function checkSatsStream(state: State, options: SatsStreamOptions): string {
  for (const [name, value] of Object.entries(options)) {
    if (!Number.isSafeInteger(value) || value <= 0) {
      throw new SatoshigleError("invalid", `${name} must be a whole number greater than 0.`, { field: name });
    }
  }
  return checkTip(state, state.tips?.minMsat ?? 0);
}

export function noWalletError(): SatoshigleError {
  return new SatoshigleError("no_wallet", "No wallet is set that can do this.");
}
