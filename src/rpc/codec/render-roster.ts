import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type MatchRecordSchema,
  type SessionRecordSchema,
  SessionRecord_State,
} from "../../../gen/satoshigle/internal/v1/admin_pb.js";
import type { ListedMatch, ListedSession } from "../../ports/roster.js";
import { renderParticipant } from "./render-events.js";
import type { Subjects } from "./render-records.js";

export function renderSession(
  session: ListedSession,
  subjects: Subjects,
): MessageInitShape<typeof SessionRecordSchema> {
  const { network: addressKey, state, matchId = "", attached, openedMs } = session;
  const createTime = timestampFromMs(openedMs);
  return {
    session: renderParticipant(session, subjects),
    ...{ addressKey, state: sessionStates[state], matchId, attached, createTime },
  };
}

export function renderMatch(match: ListedMatch, subjects: Subjects): MessageInitShape<typeof MatchRecordSchema> {
  const { matchId, relayOnly, answered, startMs } = match;
  const sides = {
    offerer: renderParticipant(match.offerer, subjects),
    answerer: renderParticipant(match.answerer, subjects),
  };
  return { matchId, ...sides, relayOnly, answered, createTime: timestampFromMs(startMs) };
}

const sessionStates = {
  idle: SessionRecord_State.IDLE,
  waiting: SessionRecord_State.WAITING,
  matched: SessionRecord_State.MATCHED,
} as const satisfies Record<ListedSession["state"], SessionRecord_State>;
