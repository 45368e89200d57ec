import { create } from "@bufbuild/protobuf";
import type { AttributeValues, MatchRequest, Preferences } from "../../../gen/satoshigle/v1/matching_pb.js";
import {
  type Candidate,
  type Description,
  Description_Type,
  type Signal,
  SignalSchema,
} from "../../../gen/satoshigle/v1/signal_pb.js";
import type { SendRequest } from "../../../gen/satoshigle/v1/signaling_pb.js";
import { limits } from "../../core/limits.js";

// A quick check that most requests pass: text without control characters, within the limits. The rules stand in the
// .proto and their validator enforces them, but it costs more than the rest of the call, so it only runs on requests
// that fail the check. A test verifies that every request that passes is valid.

const isText = (text: string) => /^[\x20-\x7e]*$/.test(text) || /^\P{Cc}*$/u.test(text);
const isSdpText = (text: string) => /^[\n\r\x20-\x7e]*$/.test(text) || /^[\n\r\P{Cc}]*$/u.test(text);

/** A UTF-16 code unit has up to three bytes in UTF-8. */
const fitsBytes = (text: string, maxBytes: number) =>
  text.length * 3 <= maxBytes || (text.length <= maxBytes && Buffer.byteLength(text) <= maxBytes);

/** Decides for most requests that they are valid, without the validator. */
export interface Precheck<Request> {
  isSurelyValid: (request: Request) => boolean;
  /** A request with the same violations that is cheaper to validate. */
  doubtfulPartOf?: (request: Request) => Request;
}

function isSurelyValidSend({ matchId, clientSequence, signals }: SendRequest): boolean {
  const { length } = signals;
  return (
    matchId !== "" &&
    matchId.length <= 64 &&
    clientSequence >= 1 &&
    length >= 1 &&
    length <= limits.signalsPerSend &&
    signals.every(isValidSignal)
  );
}

const DONE = create(SignalSchema, { kind: { case: "candidatesDone", value: {} } });

/** The request with each valid signal replaced by the smallest one there is. */
function doubtfulPartOf(request: SendRequest): SendRequest {
  if (request.signals.length > limits.signalsPerSend) return request;
  return { ...request, signals: request.signals.map((signal) => (isValidSignal(signal) ? DONE : signal)) };
}

function isSurelyValidMatch(request: MatchRequest): boolean {
  const { preferences, offer, leaveMatchId, attributes, filters } = request;
  return (
    leaveMatchId.length <= 64 &&
    areValidValues(attributes) &&
    areValidValues(filters) &&
    (preferences === undefined || areValidPreferences(preferences)) &&
    (offer === undefined || isValidDescription(offer))
  );
}

function areValidPreferences({ interests, languages, priceMsatPerMinute }: Preferences): boolean {
  return (
    priceMsatPerMinute >= 0n &&
    priceMsatPerMinute <= limits.maxTipMsat &&
    interests.length <= limits.interests &&
    languages.length <= limits.languages &&
    interests.every((interest, index) => /^[\x21-\x7e]{1,32}$/.test(interest) && isFirst(interests, index)) &&
    languages.every((language, index) => /^[A-Za-z]{2,3}$/.test(language) && isFirst(languages, index))
  );
}

function areValidValues(all: readonly AttributeValues[]): boolean {
  return (
    all.length <= 16 &&
    all.every(
      ({ name, values }) =>
        /^[a-z][a-z0-9_]{0,31}$/.test(name) &&
        values.length <= 32 &&
        values.every((value, index) => /^[\x21-\x7e]{1,32}$/.test(value) && isFirst(values, index)),
    )
  );
}

function isFirst(texts: readonly string[], index: number): boolean {
  return texts.indexOf(texts[index] ?? "") === index;
}

function isValidSignal({ kind }: Signal): boolean {
  if (kind.case === "description") return isValidDescription(kind.value);
  if (kind.case === "candidate") return isValidCandidate(kind.value);
  return kind.case === "candidatesDone";
}

const descriptionTypes = new Set([Description_Type.OFFER, Description_Type.ANSWER, Description_Type.ROLLBACK]);

function isValidDescription({ type, sdp, connectionId }: Description): boolean {
  return (
    descriptionTypes.has(type) &&
    fitsBytes(sdp, limits.descriptionBytes) &&
    isSdpText(sdp) &&
    /^[\w-]{0,36}$/.test(connectionId)
  );
}

function isValidCandidate({ candidate, sdpMid = "", sdpMlineIndex = 0, usernameFragment = "" }: Candidate): boolean {
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

export const sendPrecheck: Precheck<SendRequest> = { isSurelyValid: isSurelyValidSend, doubtfulPartOf };

export const matchPrecheck: Precheck<MatchRequest> = { isSurelyValid: isSurelyValidMatch };
