import type { Attachment, Pairing } from "../../ports/lobby.js";
import type { LobbyState } from "./lobby-state.js";
import type { Session } from "./state.js";

/** The stream of a session, and its starting point. */
export function attachmentTo(realm: LobbyState, session: Session, lastSequence: number, resumed: boolean): Attachment {
  const { generation, epoch } = session;
  return { state: "attached", generation, epoch, lastSequence, resumed, snapshot: realm.snapshot(session) };
}

/** What a session that asked for a partner got. */
export function pairingOf({ doing }: Session): Pairing {
  return doing.state === "matched" ? { state: "matched", matchId: doing.match.id } : { state: "waiting" };
}
