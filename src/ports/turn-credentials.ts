import type { IceServer } from "../core/ice-server.js";
import type { SessionId } from "../core/ids.js";

/** Issues the credentials that browsers need to use the TURN servers. */
export interface TurnCredentials {
  /**
   * Returns the TURN servers with credentials for a session. Each credential is valid for its `lifetimeMs` from `nowMs`
   * on. Returns none while there are no valid credentials. Never waits, because it runs for each match.
   */
  issue(sessionId: SessionId, nowMs: number): readonly IceServer[];
}
