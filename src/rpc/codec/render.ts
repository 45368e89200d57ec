import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type AttributeSchema,
  MatchEnded_Reason,
  SessionClosed_Reason,
  type Limits,
  LimitsSchema,
  type SnapshotSchema,
  type WaitingSchema,
  type WelcomeSchema,
} from "../../../gen/satoshigle/v1/event_pb.js";
import { Role } from "../../../gen/satoshigle/v1/signal_pb.js";
import { type SignalResponse, SignalResponseSchema } from "../../../gen/satoshigle/v1/signaling_pb.js";
import type { IceServer } from "../../core/ice-server.js";
import type { ControlEvent, StreamMessage } from "../../app/outbound.js";
import type { Event, Snapshot, Wait } from "../../core/event.js";
import { decodeSignals } from "./encoded-signals.js";
import { parseSignal } from "./parse-signal.js";
import { renderReportAnswer, renderWarning } from "./render-answers.js";
import { renderDescription, renderIcePolicy, renderIceServer, renderSignal } from "./render-signal.js";
import { renderNetwork, renderTip } from "./render-tip.js";
import { renderPrices } from "./render-prices.js";
import type { Profile } from "../../core/identity.js";
import type { LightningNetwork } from "../../core/invoice.js";
import { redactSignals, redactDescription } from "../../core/sdp-redaction.js";
import { limits } from "../../core/limits.js";

/** What rendering adds to an event: fresh values and constant ones. */
export interface RenderContext {
  nowMs: () => number;
  freshIceServers: () => readonly IceServer[];
  /** Without credentials, for sessions without a match. */
  stunServers: readonly IceServer[];
  relayAvailable: boolean;
  /** Whether every call is relayed, whatever its preferences. */
  relayAlways: boolean;
  handshakeMs: number;
  heartbeatMs: number;
  resumeWindowMs: number;
  /** Over how long clients come back when this stream breaks, if that is longer than usual. */
  reconnectWithinMs: () => number | undefined;
  limits: MessageInitShape<typeof LimitsSchema>;
  attributes: MessageInitShape<typeof AttributeSchema>[];
  /** The most that the session may negotiate; empty without a limit. */
  modeLimit: string;
  /** Undefined when tips are off. */
  network: LightningNetwork | undefined;
}

type EventInit = NonNullable<Exclude<MessageInitShape<typeof SignalResponseSchema>, SignalResponse>["event"]>;

/** Renders a message of a stream. */
export function renderMessage(message: StreamMessage, context: RenderContext): SignalResponse {
  return create(SignalResponseSchema, renderFields(message, context));
}

/** Renders its fields alone. In a relayed call, all addresses but the relay's are removed here. */
export function renderFields(
  { sequence, event }: StreamMessage,
  context: RenderContext,
): MessageInitShape<typeof SignalResponseSchema> {
  const isTimed = event.type === "welcome" || event.type === "heartbeat";
  return { sequence, event: renderEvent(event, context), ...(isTimed && renderTimed(context)) };
}

function renderTimed(context: RenderContext) {
  const serverTime = timestampFromMs(context.nowMs());
  const withinMs = context.reconnectWithinMs();
  return withinMs === undefined ? { serverTime } : { serverTime, reconnectWithin: durationFromMs(withinMs) };
}

function renderEvent(event: Event | ControlEvent, context: RenderContext): EventInit {
  switch (event.type) {
    case "welcome":
      return { case: "welcome", value: renderWelcome(event, context) };
    case "waiting":
      return { case: "waiting", value: renderWait(event) };
    case "matched":
      return { case: "matched", value: renderMatched(event, context) };
    case "signaled": {
      const { matchId, relayOnly } = event;
      const signals = decodeSignals(event.signals);
      if (!relayOnly) return { case: "signalReceived", value: { matchId, signals } };
      const redacted = redactSignals(signals.map(parseSignal)).map(renderSignal);
      return { case: "signalReceived", value: { matchId, signals: redacted } };
    }
    case "partner_away": {
      const { matchId, deadlineMs } = event;
      const timeLeft = durationFromMs(Math.max(0, deadlineMs - context.nowMs()));
      return { case: "partnerAway", value: { matchId, deadlineTime: timestampFromMs(deadlineMs), timeLeft } };
    }
    case "partner_back":
      return { case: "partnerBack", value: { matchId: event.matchId } };
    case "match_ended":
      return { case: "matchEnded", value: renderEnd(event) };
    case "tip_updated":
      return { case: "tipUpdated", value: { tip: renderTip(event) } };
    case "report_updated":
      return { case: "reportUpdated", value: renderReportAnswer(event) };
    case "warned":
      return { case: "warned", value: renderWarning(event) };
    case "heartbeat":
      return { case: "heartbeat", value: {} };
    case "draining":
      return { case: "draining", value: { reconnectAfter: durationFromMs(event.reconnectAfterMs) } };
    case "session_closed":
      return { case: "sessionClosed", value: renderClosing(event) };
  }
}

function renderEnd({ matchId, reason, requeued }: Of<"match_ended">) {
  return { matchId, reason: endReasons[reason], requeued };
}

function renderClosing({ reason, shouldReconnect }: Of<"session_closed">) {
  return { reason: closeReasons[reason], shouldReconnect };
}

/** What an event or a snapshot says about the two sides. */
type KnownSides = Pick<
  Of<"matched">,
  "partnerProfile" | "partnerMode" | "ownMode" | "sharedAttributes" | "minutePrices"
>;

type Of<T extends (Event | ControlEvent)["type"]> = Extract<Event | ControlEvent, { type: T }>;

function renderWelcome(welcome: Of<"welcome">, context: RenderContext): MessageInitShape<typeof WelcomeSchema> {
  const { sessionId, token, epoch, resumed, lastSequence, snapshot } = welcome;
  return {
    sessionId,
    token,
    epoch,
    resumed,
    lastSequence,
    snapshot: renderSnapshot(snapshot, context.nowMs()),
    iceServers: context.stunServers.map(renderIceServer),
    relayAvailable: context.relayAvailable,
    heartbeatInterval: durationFromMs(context.heartbeatMs),
    resumeWindow: durationFromMs(context.resumeWindowMs),
    limits: context.limits,
    iceTransportPolicy: renderIcePolicy(context.relayAlways),
    tips: welcome.tips.map(renderTip),
    lightningNetwork: renderNetwork(context.network),
    streamId: String(welcome.generation),
    attributes: context.attributes,
    modeLimit: context.modeLimit,
  };
}

interface LimitSettings {
  maxCalls: number;
  callWindowMs: number;
  relayMaxBitrateKbps: number;
}

/** The limits that `Welcome` announces. */
export function renderLimits({ maxCalls, callWindowMs, relayMaxBitrateKbps }: LimitSettings): Limits {
  return create(LimitsSchema, {
    maxDescriptionBytes: limits.descriptionBytes,
    maxSignalsPerSend: limits.signalsPerSend,
    maxInterests: limits.interests,
    maxLanguages: limits.languages,
    maxCommentCharacters: limits.commentCharacters,
    maxMessageBytes: limits.messageBytes,
    maxCalls,
    callWindow: durationFromMs(callWindowMs),
    minTipMsat: BigInt(limits.minTipMsat),
    maxTipMsat: BigInt(limits.maxTipMsat),
    maxTipCommentCharacters: limits.tipCommentCharacters,
    maxOpenTips: limits.openTips,
    relayMaxBitrateKbps,
  });
}

function renderSnapshot(snapshot: Snapshot, nowMs: number): MessageInitShape<typeof SnapshotSchema> {
  switch (snapshot.state) {
    case "idle":
      return { state: { case: "idle", value: {} } };
    case "waiting":
      return { state: { case: "waiting", value: renderWait(snapshot) } };
    case "matched": {
      const { matchId, partnerPresent, clientSequence, sharedInterests, startMs } = snapshot;
      const role = roles[snapshot.role];
      const iceTransportPolicy = renderIcePolicy(snapshot.relayOnly);
      const startTime = timestampFromMs(startMs);
      const interests = [...sharedInterests];
      return {
        state: {
          case: "inMatch",
          value: {
            matchId,
            role,
            partnerPresent,
            clientSequence,
            sharedInterests: interests,
            iceTransportPolicy,
            startTime,
            ...renderSides(snapshot, nowMs),
          },
        },
      };
    }
  }
}

function renderWait(wait: Wait): MessageInitShape<typeof WaitingSchema> {
  const { sinceMs, waitingCount, estimatedWaitMs, widened, gaveWay = [], onlyRecentPartners, fittingCount = 0 } = wait;
  const hasEstimate = estimatedWaitMs !== undefined;
  return {
    startTime: timestampFromMs(sinceMs),
    waitingCount,
    ...(hasEstimate && { estimatedWait: durationFromMs(Math.round(estimatedWaitMs)) }),
    widened,
    gaveWay: [...gaveWay],
    onlyRecentPartners,
    fittingCount,
  };
}

function renderMatched(matched: Of<"matched">, context: RenderContext) {
  const { matchId, role, sharedInterests, offer, relayOnly } = matched;
  return {
    matchId,
    role: roles[role],
    sharedInterests: [...sharedInterests],
    ...(offer && { offer: renderDescription(relayOnly ? redactDescription(offer) : offer) }),
    iceServers: context.freshIceServers().map(renderIceServer),
    iceTransportPolicy: renderIcePolicy(relayOnly),
    handshakeTimeout: durationFromMs(context.handshakeMs),
    ...renderSides(matched, context.nowMs()),
  };
}

function renderSides(sides: KnownSides, nowMs: number) {
  const { partnerProfile, partnerMode = "video", ownMode, sharedAttributes = [], minutePrices } = sides;
  return {
    ...renderProfile(partnerProfile),
    ...renderPrices(minutePrices, nowMs),
    partnerMode,
    ownMode: ownMode ?? "",
    sharedAttributes: sharedAttributes.map(([name, values]) => ({ name, values: [...values] })),
  };
}

function renderProfile(profile: Profile | undefined) {
  if (profile === undefined) return {};
  const { name = "", pictureUrl = "", badges = [] } = profile;
  return { partnerProfile: { name, pictureUrl, badges: [...badges] } };
}

const roles = { offerer: Role.OFFERER, answerer: Role.ANSWERER } as const;

const endReasons = {
  left: MatchEnded_Reason.LEFT,
  partner_left: MatchEnded_Reason.PARTNER_LEFT,
  partner_skipped: MatchEnded_Reason.PARTNER_SKIPPED,
  partner_lost: MatchEnded_Reason.PARTNER_LOST,
  unresponsive: MatchEnded_Reason.UNRESPONSIVE,
  partner_unresponsive: MatchEnded_Reason.PARTNER_UNRESPONSIVE,
  reported: MatchEnded_Reason.REPORTED,
  banned: MatchEnded_Reason.BANNED,
  dismissed: MatchEnded_Reason.ENDED_BY_OPERATOR,
} as const satisfies Record<Of<"match_ended">["reason"], MatchEnded_Reason>;

const closeReasons = {
  replaced: SessionClosed_Reason.REPLACED,
  expired: SessionClosed_Reason.EXPIRED,
  banned: SessionClosed_Reason.BANNED,
  superseded: SessionClosed_Reason.SUPERSEDED,
  removed: SessionClosed_Reason.REMOVED,
  shutting_down: SessionClosed_Reason.SHUTTING_DOWN,
} as const satisfies Record<Of<"session_closed">["reason"], SessionClosed_Reason>;
