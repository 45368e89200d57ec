import { Encoder } from "@msgpack/msgpack";
import { DomainError } from "../../core/errors.js";
import { eventBytes, type Snapshot } from "../../core/event.js";
import type { Epoch, MatchId, NetworkKey, SessionId } from "../../core/ids.js";
import { type Distribution, SHARES } from "../../core/metrics/histogram.js";
import { type Mode, MODES } from "../../core/matching-schema.js";
import { allows } from "../../core/sdp-media.js";
import { partyOf } from "../../core/session-key.js";
import { seekMarks, waitMarks } from "../../core/pools.js";
import { demandOf, modeOf, softCriteria, type Ticket } from "../../core/ticket.js";
import type {
  Attachment,
  BrokenStream,
  LobbyStore,
  MatchRequest,
  NewSession,
  NewStream,
  OutgoingSignals,
  Pairing,
  Relayed,
  Reported,
} from "../../ports/lobby.js";
import type { Blocking, Closing } from "../../ports/lobby-maintenance.js";
import type { LobbyCounts } from "../../ports/lobby-stats.js";
import type { AppendedEvent, Partner } from "../../ports/partners.js";
import type { ScriptRunner } from "./script-runner.js";

/** Delay before a rejected client should retry, possibly on another instance, in milliseconds. */
const RETRY_MS = 1_000;

/** Reply of the scripts `open` and `attach`. */
type Attached = [
  generation: number | string,
  epoch: Epoch,
  sequence: number | string,
  snapshot: string,
  resumed?: number,
];

/** The lobby shared by all nodes of a realm. Each verb is one script. */
export class RedisLobby implements LobbyStore {
  /**
   * @param windowMs how long the sessions of a dead node may stay away
   * @param canJudge whether this node may declare others dead
   * @param agrees whether this node shares the settings of the realm; otherwise it accepts no streams
   */
  constructor(
    private readonly store: ScriptRunner,
    private readonly node: string,
    private readonly windowMs: number,
    private readonly canJudge: () => boolean,
    private readonly agrees: () => boolean = () => true,
  ) {}

  async open(session: NewSession): ReturnType<LobbyStore["open"]> {
    this.#requireAgreement();
    const { sessionId, epoch, maxSessions, addressKey, profile, blocked = [], nowMs, quotas } = session;
    const { maxOfPerson = "" } = session;
    const args = [
      sessionId,
      epoch,
      maxSessions,
      this.node,
      addressKey,
      partyOf(addressKey) ?? "",
      profile === undefined ? "" : JSON.stringify(profile),
      blocked.join(" "),
      nowMs,
      maxOfPerson,
      ...quotas.flatMap(({ key, max }) => [key, max]),
    ];
    const answer = (await this.store.run("open", ...args)) as Attached | "full" | "crowded" | "occupied";
    return typeof answer === "string" ? { state: answer } : toAttachment(answer);
  }

  async attach({ sessionId, epoch, lastSequence, newEpoch, addressKey, profile, nowMs }: NewStream) {
    this.#requireAgreement();
    const args = [sessionId, epoch, lastSequence, newEpoch, this.node, nowMs, addressKey];
    if (profile !== undefined) args.push(JSON.stringify(profile));
    const answer = (await this.store.run("attach", ...args)) as Attached | "unknown";
    return answer === "unknown" ? { state: "unknown" as const } : toAttachment(answer);
  }

  /** The realm would not know the sessions of tokens signed with another secret. @throws DomainError `store_away` */
  #requireAgreement(): void {
    if (this.agrees()) return;
    throw new DomainError("store_away", "this instance accepts no streams; try again", { retryAfterMs: RETRY_MS });
  }

  async detach({ sessionId, generation, awayUntilMs, nowMs }: BrokenStream): Promise<void> {
    await this.store.run("detach", sessionId, generation, awayUntilMs, nowMs);
  }

  async match({ ticket, offer, leaveMatchId, nowMs }: MatchRequest): Promise<Pairing | { state: "unknown" }> {
    const { sessionId, sinceMs, softSinceMs } = ticket;
    const offered = offer === undefined ? ["", 0] : [JSON.stringify(offer), offer.sdp.length];
    const args = [sessionId, packedTicket(ticket), sinceMs, softSinceMs, ...offered, leaveMatchId ?? "", nowMs];
    const [state, matchId] = (await this.store.run("match", ...args)) as [Pairing["state"] | "unknown", MatchId];
    return state === "matched" ? { state, matchId } : { state };
  }

  async leave({ sessionId, nowMs }: { sessionId: SessionId; nowMs: number }): Promise<{ state: "idle" | "unknown" }> {
    return { state: (await this.store.run("leave", sessionId, nowMs)) as "idle" | "unknown" };
  }

  async relay(post: OutgoingSignals): Promise<Relayed> {
    const { sessionId, matchId, clientSequence, signals, descriptions, mode, nowMs } = post;
    const { hasOffer, hasAnswer } = descriptions;
    const bytes = eventBytes({
      type: "signaled",
      matchId,
      relayOnly: false,
      described: hasOffer || hasAnswer,
      signals,
    });
    const described = [hasOffer ? 1 : 0, hasAnswer ? 1 : 0];
    const args = [sessionId, matchId, clientSequence, JSON.stringify(signals), bytes, nowMs, ...described];
    if (mode !== undefined) args.push(MODES.filter((one) => !allows(one, mode)).join(" "));
    type Answer = ["gap", number] | ["refused", Mode] | [Exclude<Relayed["state"], "gap" | "refused"> | "orphaned"];
    const [state, about] = (await this.store.run("relay", ...args)) as Answer;
    if (state === "orphaned") {
      await this.store.run("repair", sessionId, nowMs); // rare, so not part of `relay`, which runs for every signal
      return { state: "over" };
    }
    if (state === "refused") return { state, mode: about };
    return state === "gap" ? { state, expected: about } : { state };
  }

  async report({ sessionId, matchId, nowMs }: Parameters<LobbyStore["report"]>[0]): Promise<Reported> {
    type Answer = [Reported["state"], SessionId, NetworkKey, start: string, answered: string, NetworkKey];
    const answer = (await this.store.run("report", sessionId, matchId, nowMs)) as Answer;
    const [state, partnerId, partnerKey, start, answered, reporterKey] = answer;
    if (state !== "reported" && state !== "repeated") return { state };
    return { state, partnerId, partnerKey, reporterKey, matchStartMs: Number(start), bothHeard: answered === "1" };
  }

  async partner({ sessionId, matchId, nowMs }: Parameters<LobbyStore["partner"]>[0]): Promise<Partner> {
    type Answer = [Partner["state"], SessionId, NetworkKey, NetworkKey];
    const answer = (await this.store.run("partner", sessionId, matchId, nowMs)) as Answer;
    const [state, partnerId, partnerKey, ownKey] = answer;
    return state === "partner" ? { state, partnerId, partnerKey, ownKey } : { state };
  }

  async append({ sessionId, event, partner, nowMs }: AppendedEvent): ReturnType<LobbyStore["append"]> {
    const { partnerId = "", apart } = partner ?? {};
    const instead = apart === undefined ? ["", 0] : [JSON.stringify(apart), eventBytes(apart)];
    const args = [sessionId, JSON.stringify(event), eventBytes(event), nowMs, partnerId, ...instead];
    return { state: (await this.store.run("append", ...args)) as "appended" | "apart" | "unknown" };
  }

  async apart({ sessionId, partnerIds }: Parameters<LobbyStore["apart"]>[0]): Promise<SessionId[]> {
    return (await this.store.run("apart", sessionId, ...partnerIds)) as SessionId[];
  }

  async closeSessions({ addressKey, reason, keep, nowMs, limit }: Closing): Promise<{ closed: number }> {
    return { closed: (await this.store.run("close_sessions", addressKey, reason, keep, nowMs, limit)) as number };
  }

  async block({ person, other, nowMs }: Blocking): Promise<void> {
    await this.store.run("block", person, other, nowMs);
  }

  async unblock({ person, other }: Omit<Blocking, "nowMs">): Promise<void> {
    await this.store.run("unblock", person, other);
  }

  async expire({ nowMs, limit }: { nowMs: number; limit: number }): Promise<{ nextMs: number | undefined }> {
    const next = (await this.store.run(
      "expire",
      nowMs,
      limit,
      this.windowMs,
      this.canJudge() ? this.node : "",
    )) as string;
    return { nextMs: next === "" ? undefined : Number(next) };
  }

  async count(): Promise<LobbyCounts> {
    const [sessions, waiting, matches] = (await this.store.run("count")) as (number | string)[];
    return { sessions: Number(sessions), waiting: Number(waiting), matches: Number(matches) };
  }

  async waits({ nowMs }: { nowMs: number }): Promise<Distribution> {
    const answer = (await this.store.run("waits", nowMs, ...SHARES)) as (number | string)[];
    const [count = 0, p50Ms = 0, p90Ms = 0, p99Ms = 0] = answer.map(Number);
    return { count, p50Ms, p90Ms, p99Ms };
  }
}

const encoder = new Encoder({ ignoreUndefined: true });

/** A ticket as the scripts store it, in MessagePack. Its times are stored separately. */
function packedTicket(ticket: Ticket): Buffer {
  const { id, shared, rematch, relayOnly, priceMsat, headStartMs, soft } = ticket;
  const stages = [...soft.keys(), soft.length];
  const packed = encoder.encodeSharedRef({
    id,
    shared,
    demand: demandOf(ticket),
    soft: softCriteria(ticket),
    rematch,
    relayOnly,
    priceMsat,
    headStartMs,
    mode: modeOf(ticket),
    wait: stages.map((stage) => waitMarks(ticket, stage)),
    seek: stages.map((tier) => seekMarks(ticket, tier)),
    givesWay: soft.map(({ name }) => name),
    givesWayAfterMs: soft.map(({ afterMs }) => afterMs),
  });
  return Buffer.from(packed);
}

function toAttachment([generation, epoch, sequence, snapshot, resumed = 0]: Attached): Attachment {
  return {
    state: "attached",
    generation: Number(generation),
    epoch,
    lastSequence: Number(sequence),
    resumed: resumed === 1,
    snapshot: JSON.parse(snapshot) as Snapshot,
  };
}
