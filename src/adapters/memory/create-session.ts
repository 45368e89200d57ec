import { partyOf } from "../../core/session-key.js";
import type { NewSession } from "../../ports/lobby.js";
import { EventBuffer } from "./event-buffer.js";
import type { LobbyState } from "./lobby-state.js";
import type { Session } from "./state.js";

/** Creates an idle session with its first stream open. */
export function createSession(opened: NewSession, realm: LobbyState): Session {
  const { sessionId, epoch, addressKey, profile, quotas, nowMs } = opened;
  return {
    kind: "session",
    id: sessionId,
    epoch,
    generation: 1,
    addressKey,
    party: partyOf(addressKey),
    profile,
    openedFrom: quotas.map(({ key }) => key),
    attached: true,
    awayUntilMs: 0,
    doing: { state: "idle" },
    events: new EventBuffer(realm.mailPool),
    contact: undefined,
    avoided: undefined,
    past: undefined,
    unanswered: 0,
    reportsMade: 0,
    reportsReceived: 0,
    rank: realm.spans.nextRank(nowMs),
    openedMs: nowMs,
  };
}
