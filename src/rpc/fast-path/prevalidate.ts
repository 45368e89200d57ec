import { create } from "@bufbuild/protobuf";
import type { MatchRequest, Preferences } from "../../../gen/satoshigle/v1/matching_pb.js";
import {
  type Candidate,
  type Description,
  Description_Type,
  type Signal,
  SignalSchema,
} from "../../../gen/satoshigle/v1/signal_pb.js";
import type { SendRequest } from "../../../gen/satoshigle/v1/signaling_pb.js";
import { limits } from "../../core/limits.js";

// What nearly every request is like, told at a glance: text without control characters within the limits. The rules stand
// in the .proto and are enforced by its validator; a request that is plain keeps them all, so that the validator, which
// costs more than the rest of the call, need only see the others. A test holds the two against each other.

const isText = (text: string) => /^[\x20-\x7e]*$/.test(text) || /^\P{Cc}*$/u.test(text);
const isSdpText = (text: string) => /^[\n\r\x20-\x7e]*$/.test(text) || /^[\n\r\P{Cc}]*$/u.test(text);

/** A unit of a string has up to three bytes in UTF-8. */
const fitsBytes = (text: string, maxBytes: number) =>
  text.length * 3 <= maxBytes || (text.length <= maxBytes && Buffer.byteLength(text) <= maxBytes);

export function isSurelyValidSend({ matchId, clientSequence, signals }: SendRequest): boolean {
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

const DONE = create(SignalSchema, { kind: { case: "candidatesDone", value: {} } });

/** A request in which the signals that are plain are the smallest there is: what the validator has to see of it. */
export function oddPartOf(request: SendRequest): SendRequest {
  if (request.signals.length > limits.signalsPerSend) return request;
  return { ...request, signals: request.signals.map((signal) => (isPlainSignal(signal) ? DONE : signal)) };
}

export function isSurelyValidMatch({ preferences, offer, leaveMatchId }: MatchRequest): boolean {
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

const descriptionTypes = new Set([Description_Type.OFFER, Description_Type.ANSWER, Description_Type.ROLLBACK]);

function isPlainDescription({ type, sdp, connectionId }: Description): boolean {
  return (
    descriptionTypes.has(type) &&
    fitsBytes(sdp, limits.descriptionBytes) &&
    isSdpText(sdp) &&
    /^[\w-]{0,36}$/.test(connectionId)
  );
}

function isPlainCandidate({ candidate, sdpMid = "", sdpMlineIndex = 0, usernameFragment = "" }: Candidate): boolean {
  return (
    fitsBytes(candidate, 1024) &&
    isText(candidate) &&
    sdpMid.length <= 64 &&
    isText(sdpMid) &&
    sdpMlineIndex >= 0 &&
    sdpMlineIndex <= 255 &&
    usernameFragment.length <= 256 &&
    isText(usernameFragment)
  );
}
