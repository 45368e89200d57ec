import type { SessionId } from "./ids.js";
import type { Cause, Role } from "./match.js";

/**
 * A guest is a session that stands in one realm for a person of another. Its name is that of the person's session and
 * realm, so that each realm knows it again, and no token is ever signed for it.
 */
export function guestId(sessionId: SessionId, realm: string): SessionId {
  return `${sessionId}@${realm}` as SessionId;
}

export function isGuest(sessionId: SessionId): boolean {
  return sessionId.includes("@");
}

/** The realm of the person that a guest stands for; undefined for other sessions. */
export function homeOf(sessionId: SessionId): string | undefined {
  const at = sessionId.indexOf("@");
  return at < 0 ? undefined : sessionId.slice(at + 1);
}

/** How a match ended, as the guest's other realm must know it. */
export interface Ending {
  cause: Cause;
  initiator: Role;
}
