import { sharedOf } from "../../core/criteria.js";
import type { Snapshot } from "../../core/event.js";
import { otherRole } from "../../core/match.js";
import { minutePricesOf } from "../../core/price.js";
import { modeOf } from "../../core/ticket.js";
import type { Attachment, Pairing } from "../../ports/lobby.js";
import type { LobbyState } from "./lobby-state.js";
import type { Session } from "./state.js";

/** The stream of a session, and its starting point. */
export function attachmentTo(realm: LobbyState, session: Session, lastSequence: number, resumed: boolean): Attachment {
  const { generation, epoch } = session;
  return { state: "attached", generation, epoch, lastSequence, resumed, snapshot: snapshotOf(realm, session) };
}

/** What a session that asked for a partner got. */
export function pairingOf({ doing }: Session): Pairing {
  return doing.state === "matched" ? { state: "matched", matchId: doing.match.id } : { state: "waiting" };
}

/** What a session is doing, for a stream that begins. */
function snapshotOf(realm: LobbyState, { doing }: Session): Snapshot {
  if (doing.state === "idle") return { state: "idle" };
  if (doing.state === "waiting") {
    return { state: "waiting", ...realm.wait(doing.waiter, doing.waiter.sentWait?.onlyRecentPartners ?? false) };
  }
  const { match, role } = doing;
  const partner = match.sides[otherRole(role)];
  const { ticket } = match.sides[role];
  return {
    state: "matched",
    matchId: match.id,
    role,
    partnerPresent: partner.session.attached,
    clientSequence: match.sides[role].clientSequence,
    ...sharedOf(match.shared),
    partnerMode: modeOf(partner.ticket),
    ownMode: modeOf(ticket),
    relayOnly: match.relayOnly,
    startMs: match.startMs,
    partnerProfile: partner.profile,
    minutePrices: minutePricesOf(ticket.priceMsat, partner.ticket.priceMsat, match.startMs),
  };
}
