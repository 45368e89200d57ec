const OWN_LENGTH = 16;

/**
 * Returns an ID for a new peer connection. If it answers another connection, its ID contains that connection's ID, so
 * that descriptions for a replaced connection can be recognized.
 */
export function createConnectionId(answeredId = ""): string {
  const bytes = crypto.getRandomValues(new Uint8Array(OWN_LENGTH / 2));
  const own = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return answeredId === "" ? own : `${own}-${answeredId.slice(0, OWN_LENGTH)}`;
}

/** Whether the connection `connectionId` answers the connection `ownId`. */
export function answersConnection(connectionId: string, ownId: string): boolean {
  return connectionId[OWN_LENGTH] === "-" && connectionId.slice(OWN_LENGTH + 1) === ownId.slice(0, OWN_LENGTH);
}
