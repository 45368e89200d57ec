import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type Limits, LimitsSchema } from "../../../gen/satoshigle/v1/event_pb.js";
import {
  type GetIceServersResponse,
  GetIceServersResponseSchema,
  type SendRequest,
  type SignalRequest,
} from "../../../gen/satoshigle/v1/signaling_pb.js";
import type { Bans } from "../../app/bans.js";
import type { Caller } from "../../app/caller.js";
import { type IceSettings, iceServers, type Relaying, stunServers } from "../../app/ice.js";
import type { SessionStream } from "../../app/session-stream.js";
import type { Sessions } from "../../app/sessions.js";
import type { Signaling } from "../../app/signaling.js";
import type { SessionId } from "../../core/ids.js";
import type { LightningNetwork } from "../../core/invoice.js";
import { limits } from "../../core/limits.js";
import type { Clock } from "../../ports/clock.js";
import { parseSend, parseStart } from "../codec/parse.js";
import { type RenderContext, renderIceServer } from "../codec/render.js";

export interface SignalingSettings {
  ice: IceSettings;
  handshakeMs: number;
  heartbeatMs: number;
  resumeWindowMs: number;
  maxCalls: number;
  callWindowMs: number;
  /** Undefined when there are no tips. */
  network: LightningNetwork | undefined;
}

interface Parts {
  sessions: Sessions;
  signaling: Signaling;
  relaying: Relaying;
  bans: Bans;
  clock: Clock;
  settings: SignalingSettings;
}

/** A session's stream, and what its deliveries are rendered with. */
export interface OpenStream {
  session: SessionStream;
  context: RenderContext;
}

/** `SignalService` as plain functions of caller and message. */
export function signalingService({ sessions, signaling, relaying, bans, clock, settings }: Parts) {
  const limitsMessage = renderLimits(settings);
  const { handshakeMs, heartbeatMs, resumeWindowMs, network } = settings;
  const relayAvailable = settings.ice.turnUrls.length > 0;
  const relay = { relayAlways: settings.ice.relayAlways, relayAvailable, stunServers: stunServers(settings.ice) };
  const always = { handshakeMs, heartbeatMs, resumeWindowMs, ...relay, network };

  /** One for all that a stream tells: it is asked when something is told. */
  function contextFor(sessionId: SessionId, { host }: Caller): RenderContext {
    return {
      ...always,
      limits: limitsMessage,
      get nowMs() {
        return clock.nowMs();
      },
      freshIceServers: () =>
        bans.holdOn(bans.networkOf(host)) ? [] : iceServers(settings.ice, sessionId, clock.nowMs()),
    };
  }

  return {
    async signal(caller: Caller, request: SignalRequest): Promise<OpenStream> {
      const session = await sessions.open(caller, parseStart(request));
      return { session, context: contextFor(session.sessionId, caller) };
    },

    async send(caller: Caller, request: SendRequest, bytes?: Uint8Array): Promise<void> {
      await signaling.send(caller, parseSend(request, bytes));
    },

    async getIceServers(caller: Caller): Promise<GetIceServersResponse> {
      const servers = await relaying.iceServers(caller);
      return create(GetIceServersResponseSchema, { iceServers: servers.map(renderIceServer) });
    },
  };
}

/** What the server accepts, as Welcome tells it. */
function renderLimits({ maxCalls, callWindowMs }: SignalingSettings): Limits {
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
  });
}
