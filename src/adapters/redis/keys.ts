/**
 * Prefix of all keys of a realm; the scripts append the rest. The braces are a hash tag: in a Cluster, all keys of a
 * realm are in one slot, so that a script may access any of them.
 */
export function realmKey(realm: string): string {
  return `satoshigle:{${realm}}`;
}

/**
 * A key that is never set, like `realmKey`. While a Cluster migrates the slot key by key, a script that names two
 * absent keys runs on neither server, so that no script sees or changes half a realm.
 */
export function wholeKey(realm: string): string {
  return `${realmKey(realm)}:whole`;
}

/** Key of the sessions attached to a node. */
export function attachedKey(realm: string, node: string): string {
  return `${realmKey(realm)}:attached:${node}`;
}

/** Channel on which a node receives changes to its sessions. */
export function busChannel(realm: string, node: string): string {
  return `${realmKey(realm)}:bus:${node}`;
}
