import type { AddressKey, NetworkKey } from "./ids.js";

/** @param levels the network and the wider ones that contain it, the narrowest first */
export function networkKey(levels: readonly AddressKey[]): NetworkKey {
  return levels.join(".") as NetworkKey;
}

/** The network and the wider ones that contain it, the narrowest first. */
export function levelsOf(key: NetworkKey): readonly AddressKey[] {
  return key.split(".") as AddressKey[];
}

/** The network itself. */
export function narrowestOf(key: NetworkKey): AddressKey {
  return key.slice(0, key.includes(".") ? key.indexOf(".") : undefined) as AddressKey;
}

/** The widest network that contains it: the most that one person may control. */
export function widestOf(key: NetworkKey): AddressKey {
  return key.slice(key.lastIndexOf(".") + 1) as AddressKey;
}
