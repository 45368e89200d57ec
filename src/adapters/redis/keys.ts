/**
 * Every key of a realm begins with this; the scripts build the rest from it. The braces are a hash tag: in a Cluster
 * they put all of a realm into one slot, so that one script may touch any of it.
 */
export function realmKey(realm: string): string {
  return `satoshigle:{${realm}}`;
}

/**
 * Never set, like the realm's own key. While a Cluster moves the slot to another server, key by key, a script that names
 * two absent keys runs on neither of the two: none ever sees, or changes, half a realm.
 */
export function wholeKey(realm: string): string {
  return `${realmKey(realm)}:whole`;
}

/** The sessions attached to a node. */
export function attachedKey(realm: string, node: string): string {
  return `${realmKey(realm)}:attached:${node}`;
}

/** The channel on which a node hears of its sessions. */
export function busChannel(realm: string, node: string): string {
  return `${realmKey(realm)}:bus:${node}`;
}
