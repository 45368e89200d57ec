import type { MatchRequest, Preferences } from "../../gen/satoshigle/v1/matching_pb.js";
import { type Candidate, type Description, Description_Type, type Signal } from "../../gen/satoshigle/v1/signal_pb.js";
import type { SendRequest } from "../../gen/satoshigle/v1/signaling_pb.js";
import { limits } from "../core/limits.js";

// What nearly every request is like, told at a glance: printable ASCII within the limits. The rules stand in the .proto
// and are enforced by its validator; a request that is plain keeps them all, so that the validator, which costs as much
// as the rest of the call, need only see the others. A test holds the two against each other.

const isLine = (text: string, maxLength: number) => text.length <= maxLength && /^[\x20-\x7e]*$/.test(text);

export function isPlainSend({ matchId, clientSequence, signals }: SendRequest): boolean {
  const { length } = signals;
  return (
    matchId !== "" &&
    matchId.length <= 64 &&
    clientSequence >= 1 &&
    length >= 1 &&
    length <= limits.signalsPerSend &&
    signals.every(isPlainSignal)
  );
}

export function isPlainMatch({ preferences, offer, leaveMatchId }: MatchRequest): boolean {
  return (
    leaveMatchId.length <= 64 &&
    (preferences === undefined || isPlainWish(preferences)) &&
    (offer === undefined || isPlainDescription(offer))
  );
}

function isPlainWish({ interests, languages }: Preferences): boolean {
  return (
    interests.length <= limits.interests &&
    languages.length <= limits.languages &&
    interests.every((interest, index) => /^[\x21-\x7e]{1,32}$/.test(interest) && isFirst(interests, index)) &&
    languages.every((language, index) => /^[A-Za-z]{2,3}$/.test(language) && isFirst(languages, index))
  );
}

function isFirst(texts: readonly string[], index: number): boolean {
  return texts.indexOf(texts[index] ?? "") === index;
}

function isPlainSignal({ kind }: Signal): boolean {
  if (kind.case === "description") return isPlainDescription(kind.value);
  if (kind.case === "candidate") return isPlainCandidate(kind.value);
  return kind.case === "candidatesDone";
}

function isPlainDescription({ type, sdp, connectionId }: Description): boolean {
  return (
    (type === Description_Type.OFFER || type === Description_Type.ANSWER) &&
    sdp.length <= limits.descriptionBytes &&
    /^[\n\r\x20-\x7e]*$/.test(sdp) &&
    /^[\w-]{0,36}$/.test(connectionId)
  );
}

function isPlainCandidate({ candidate, sdpMid = "", sdpMlineIndex = 0, usernameFragment = "" }: Candidate): boolean {
  return (
    isLine(candidate, 1024) &&
    isLine(sdpMid, 64) &&
    sdpMlineIndex >= 0 &&
    sdpMlineIndex <= 255 &&
    isLine(usernameFragment, 256)
  );
}
