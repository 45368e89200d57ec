import type { AddressKey, MatchId, NetworkKey } from "./ids.js";
import { widestOf } from "./network-key.js";

/**
 * Chooses which match a session may no longer report when there are too many: the oldest with its most frequent
 * network. This keeps someone from displacing a match by having accomplices meet the same session repeatedly.
 * @param partners the networks of the session's partners by match, in the order the matches ended
 */
export function crowdedOut(partners: Iterable<readonly [MatchId, NetworkKey]>): MatchId | undefined {
  const met = new Map<AddressKey, { first: MatchId; count: number }>();
  for (const [matchId, key] of partners) {
    const network = widestOf(key);
    const known = met.get(network);
    if (known !== undefined) known.count++;
    else met.set(network, { first: matchId, count: 1 });
  }
  let largest: { first: MatchId; count: number } | undefined;
  for (const one of met.values()) if (one.count > (largest?.count ?? 0)) largest = one;
  return largest?.first;
}
