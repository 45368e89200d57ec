import { Code, ConnectError } from "@connectrpc/connect";
import type { SignalRequest } from "../../../gen/satoshigle/v1/signaling_pb.js";
import { type Arrivals, GoneError } from "../../app/arrivals.js";
import type { Caller } from "../../app/caller.js";
import type { Enforcement } from "../../app/enforcement.js";
import { type IceSettings, type RelayCredentials, stunServers } from "../../app/ice.js";
import type { Sessions } from "../../app/sessions.js";
import { resumeSpreadMs } from "../../app/pace.js";
import type { Streams } from "../../app/streams.js";
import { isRestricted } from "../../core/standing.js";
import type { Holder } from "../../core/token.js";
import type { LightningNetwork } from "../../core/invoice.js";
import type { MatchingSchema } from "../../core/matching-schema.js";
import type { Clock } from "../../ports/clock.js";
import { parseStart } from "../codec/parse.js";
import { type RenderContext, renderLimits } from "../codec/render.js";
import { renderAttributes } from "../codec/render-attributes.js";
import type { OpenStream, PublicServices } from "../service.js";

export interface SignalingSettings {
  ice: IceSettings;
  handshakeMs: number;
  heartbeatMs: number;
  resumeWindowMs: number;
  maxCalls: number;
  callWindowMs: number;
  /** What each side sends at most through a relay; 0 is no limit. */
  relayMaxBitrateKbps: number;
  /** Undefined when tips are off. */
  network: LightningNetwork | undefined;
  schema: MatchingSchema;
}

interface StreamDependencies {
  arrivals: Arrivals;
  streams: Pick<Streams, "size">;
  sessions: Sessions;
  relaying: Pick<RelayCredentials, "forMatch">;
  enforcement: Pick<Enforcement, "standingOf">;
  clock: Clock;
  settings: SignalingSettings;
}

/** `SignalService.Signal`: opens the stream of a session. */
export function createStreamOpener(dependencies: StreamDependencies): PublicServices["openStream"] {
  const { arrivals, streams, sessions, relaying, enforcement, clock, settings } = dependencies;
  const { ice, handshakeMs, heartbeatMs, resumeWindowMs, network } = settings;
  const { relayAlways, relayAvailable } = ice;
  const [limits, attributes] = [renderLimits(settings), renderAttributes(settings.schema)];
  const withoutCredentials = stunServers(ice);
  const nowMs = () => clock.nowMs();
  const reconnectWithinMs = () => resumeSpreadMs(streams.size);

  /**
   * Created once for each stream. Each field is named, as an object with the fields of another one (`...`) has a shape
   * of its own in V8, which takes 300 bytes.
   */
  function contextFor({ sessionId, person, device, standing }: Holder, host: Caller["host"]): RenderContext {
    const caller = { sessionId, person, device, standing, host };
    const isTextOnly = isRestricted(enforcement.standingOf(caller), "text_only");
    return {
      limits,
      attributes,
      relayAlways,
      relayAvailable,
      stunServers: withoutCredentials,
      handshakeMs,
      heartbeatMs,
      resumeWindowMs,
      network,
      nowMs,
      reconnectWithinMs,
      modeLimit: isTextOnly ? "text" : "",
      freshIceServers: () => relaying.forMatch(caller),
    };
  }

  async function open(caller: Caller, request: SignalRequest): Promise<OpenStream> {
    const session = await sessions.open(caller, parseStart(request));
    return { session, context: contextFor(session.holder, caller.host) };
  }

  return (caller, request, client) =>
    arrivals.admit({ isNew: caller.sessionId === undefined, ...client }, () => open(caller, request)).catch(refuseGone);
}

function refuseGone(error: unknown): never {
  throw error instanceof GoneError ? new ConnectError(error.message, Code.Canceled) : error;
}
