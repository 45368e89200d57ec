const OWN_LENGTH = 16;

/**
 * Names a new peer connection. One that is made to answer carries the name of the connection it answers, so that
 * descriptions meant for a connection that is gone can be told from new ones. To others the name means nothing.
 */
export function nameConnection(answered = ""): string {
  const bytes = crypto.getRandomValues(new Uint8Array(OWN_LENGTH / 2));
  const own = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return answered === "" ? own : `${own}-${answered.slice(0, OWN_LENGTH)}`;
}

/** Whether the connection of that name was made to answer the connection `ours`. */
export function answers(connectionId: string, ours: string): boolean {
  return connectionId[OWN_LENGTH] === "-" && connectionId.slice(OWN_LENGTH + 1) === ours.slice(0, OWN_LENGTH);
}
