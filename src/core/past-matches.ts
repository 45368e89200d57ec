import type { AddressKey, NetworkKey } from "./ids.js";
import { widestOf } from "./network-key.js";

/**
 * Chooses which match a session may no longer report when there are too many: the oldest with its most frequent
 * network. This keeps someone from displacing a match by having accomplices meet the same session repeatedly.
 * @param partners the session's partners in the order the matches ended
 * @returns the index of the match; 0 if there are none
 */
export function crowdedOut(partners: Iterable<{ readonly addressKey: NetworkKey }>): number {
  const met = new Map<AddressKey, { first: number; count: number }>();
  let index = 0;
  for (const { addressKey } of partners) {
    const network = widestOf(addressKey);
    const known = met.get(network);
    if (known !== undefined) known.count++;
    else met.set(network, { first: index, count: 1 });
    index++;
  }
  let largest = { first: 0, count: 0 };
  for (const one of met.values()) if (one.count > largest.count) largest = one;
  return largest.first;
}
