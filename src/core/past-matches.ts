import type { AddressKey, NetworkKey } from "./ids.js";
import { widestOf } from "./network-key.js";

interface Partner {
  readonly addressKey: NetworkKey;
}

/**
 * Chooses which match a session may no longer report when there are too many: the oldest with its most frequent
 * network. This keeps someone from displacing a match by having accomplices meet the same session repeatedly.
 * @param partners the session's partners in the order the matches ended
 * @param newest the partner of the match that is added to them
 * @returns the index among `partners`
 */
export function crowdedOut(partners: readonly Partner[], newest: Partner): number {
  const met = new Map<AddressKey, { first: number; count: number }>();
  partners.forEach(({ addressKey }, index) => {
    const network = widestOf(addressKey);
    const known = met.get(network);
    if (known !== undefined) known.count++;
    else met.set(network, { first: index, count: 1 });
  });
  const again = met.get(widestOf(newest.addressKey));
  if (again !== undefined) again.count++;
  let largest = { first: 0, count: 0 };
  for (const one of met.values()) if (one.count > largest.count) largest = one;
  return largest.first;
}
