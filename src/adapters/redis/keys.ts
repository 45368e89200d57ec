/**
 * Every key of a realm begins with this; the scripts build the rest from it. The braces are a hash tag: in a Cluster
 * they put all of a realm into one slot, so that one script may touch any of it.
 */
export function realmKey(realm: string): string {
  return `satoshigle:{${realm}}`;
}

/** The sessions attached to a node. */
export function attachedKey(realm: string, node: string): string {
  return `${realmKey(realm)}:attached:${node}`;
}

/** The channel on which a node hears of its sessions. */
export function busChannel(realm: string, node: string): string {
  return `${realmKey(realm)}:bus:${node}`;
}
