import type * as wire from "../../../gen/satoshigle/v1/matching_pb.js";
import {
  type GoodbyeRequest,
  type ReportProblemRequest,
  ReportProblemRequest_Problem,
  type SendRequest,
  type SignalRequest,
} from "../../../gen/satoshigle/v1/signaling_pb.js";
import { ReportReason } from "../../../gen/satoshigle/v1/matching_pb.js";
import type { MatchCommand } from "../../app/matching.js";
import type { ReportCommand } from "../../app/moderation.js";
import type { StreamStart } from "../../app/sessions.js";
import type { SendCommand } from "../../app/signaling.js";
import type { ClientProblem } from "../../core/client-problem.js";
import type { Statement } from "../../core/criteria.js";
import { DomainError } from "../../core/errors.js";
import type { Epoch, MatchId } from "../../core/ids.js";
import { encodeSignals } from "./encoded-signals.js";
import { parseDescription, parseSignal } from "./parse-signal.js";

// Messages are already validated here. Values that the rules exclude are refused nevertheless, never guessed.

export function parseStart(request: SignalRequest): StreamStart {
  const { epoch, lastSequence, identityToken, deviceKey, automatic, proof } = request;
  return {
    epoch: epoch as Epoch | "",
    lastSequence,
    identityToken: identityToken === "" ? undefined : identityToken,
    deviceKey: deviceKey === "" ? undefined : deviceKey,
    isAutomatic: automatic,
    solution: proof === "" ? undefined : proof,
  };
}

/** Returns the generation; 0, which no stream has, for an unknown ID. */
export function parseGoodbye({ streamId }: GoodbyeRequest): number {
  return /^[1-9]\d{0,15}$/.test(streamId) ? Number(streamId) : 0;
}

export function parseMatch(request: wire.MatchRequest): MatchCommand {
  const { preferences, offer, rematch, leaveMatchId, attributes, filters } = request;
  return {
    preferences: {
      interests: preferences?.interests ?? [],
      languages: preferences?.languages ?? [],
      relayOnly: preferences?.relayOnly ?? false,
      priceMsat: Number(preferences?.priceMsatPerMinute ?? 0n),
    },
    offer: offer && parseDescription(offer),
    rematch,
    leaveMatchId: leaveMatchId === "" ? undefined : (leaveMatchId as MatchId),
    attributes: parseValues(attributes, "attributes"),
    filters: parseValues(filters, "filters"),
  };
}

/** Interests and languages are preferences, so that there is one place for them. */
function parseValues(all: readonly wire.AttributeValues[], field: string): Statement {
  return all.map(({ name, values }, index) => {
    if (name === "interests" || name === "languages") {
      const path = `${field}[${String(index)}].name`;
      throw new DomainError("field_invalid", `${path}: ${name} belong into \`preferences\``, { field: path });
    }
    return [name, values] as const;
  });
}

/** @param bytes the request's bytes, if they are its canonical encoding */
export function parseSend(request: SendRequest, bytes?: Uint8Array): SendCommand {
  const { matchId, clientSequence, signals } = request;
  return {
    matchId: matchId as MatchId,
    clientSequence,
    signals: signals.map(parseSignal),
    encoded: encodeSignals(request, bytes),
  };
}

export function parseReport({ matchId, reason, comment }: wire.ReportRequest): ReportCommand {
  const known = reportReasons.get(reason);
  if (known === undefined) throw new DomainError("field_invalid", "reason: is unknown", { field: "reason" });
  return { matchId: matchId as MatchId, reason: known, comment };
}

export function parseProblem({ problem }: ReportProblemRequest): ClientProblem {
  const known = problems.get(problem);
  if (known === undefined) throw new DomainError("field_invalid", "problem: is unknown", { field: "problem" });
  return known;
}

const problems = new Map<ReportProblemRequest_Problem, ClientProblem>([
  [ReportProblemRequest_Problem.ICE_URL_REFUSED, "ice_url_refused"],
  [ReportProblemRequest_Problem.TURN_CREDENTIALS_REFUSED, "turn_credentials_refused"],
  [ReportProblemRequest_Problem.RELAY_MISSING, "relay_missing"],
]);

const reportReasons = new Map<ReportReason, ReportCommand["reason"]>([
  [ReportReason.SEXUAL_CONTENT, "sexual_content"],
  [ReportReason.HARASSMENT, "harassment"],
  [ReportReason.VIOLENCE, "violence"],
  [ReportReason.MINOR, "minor"],
  [ReportReason.SPAM, "spam"],
  [ReportReason.OTHER, "other"],
]);
