import type { AddressKey, MatchId, NetworkKey } from "./ids.js";
import { widestOf } from "./network-key.js";

/**
 * Which match a session may report no longer when there are too many: the oldest with the network that it met most often.
 * So nobody can wipe out what they did by letting others of theirs meet the same person many times.
 * @param partners the networks of its partners by match, the match that ended first coming first
 */
export function crowdedOut(partners: Iterable<readonly [MatchId, NetworkKey]>): MatchId | undefined {
  const met = new Map<AddressKey, { first: MatchId; count: number }>();
  for (const [matchId, key] of partners) {
    const network = widestOf(key);
    const known = met.get(network);
    if (known !== undefined) known.count++;
    else met.set(network, { first: matchId, count: 1 });
  }
  let most: { first: MatchId; count: number } | undefined;
  for (const one of met.values()) if (one.count > (most?.count ?? 0)) most = one;
  return most?.first;
}
