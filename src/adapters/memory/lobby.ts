import { type Distribution, distributionOf } from "../../core/metrics/histogram.js";
import { isGuest } from "../../core/guest.js";
import type { SessionId } from "../../core/ids.js";
import { limits } from "../../core/limits.js";
import { otherRole, overdue, recordDescriptions } from "../../core/match.js";
import { allows } from "../../core/sdp-media.js";
import { personOf } from "../../core/session-key.js";
import { amend, demandOf, modeOf } from "../../core/ticket.js";
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
import { blockPerson } from "./block-person.js";
import { closeSessions } from "./close-sessions.js";
import { createSession } from "./create-session.js";
import { EventBuffer } from "./event-buffer.js";
import { attachmentTo, pairingOf } from "./answers.js";
import { meetDeadline } from "./match-end.js";
import { partnerIn } from "./find-partner.js";
import type { LobbyState } from "./lobby-state.js";
import { isApart, separate } from "./separate.js";
import type { Match, Session } from "./state.js";

/** Max waits sampled for the distribution: reading all of a long queue would block the process. */
const SAMPLED_WAITS = 1_000;

/**
 * The lobby of a single process. Verbs are atomic because JavaScript runs each to completion: no verb may await.
 */
export class MemoryLobby implements LobbyStore {
  constructor(private readonly realm: LobbyState) {}

  open(opened: NewSession): ReturnType<LobbyStore["open"]> {
    const { sessionId, maxSessions, addressKey, blocked, quotas, maxOfPerson = Infinity } = opened;
    const known = this.realm.sessions.get(sessionId);
    if (known !== undefined) return Promise.resolve(attachmentTo(this.realm, known, known.events.lastSequence, false));
    if (this.realm.sessions.size >= maxSessions) return Promise.resolve({ state: "full" });
    if (quotas.some(({ key, max }) => this.realm.networks.openedFrom(key) >= max)) {
      return Promise.resolve({ state: "crowded" });
    }
    const person = personOf(addressKey);
    if (person !== undefined && this.realm.networks.sessionsOn(person).size >= maxOfPerson) {
      return Promise.resolve({ state: "occupied" });
    }
    const session = createSession(opened, this.realm);
    this.realm.add(session);
    if (person !== undefined && blocked !== undefined) this.realm.acquaintances.blocks.add(person, blocked);
    return Promise.resolve(attachmentTo(this.realm, session, 0, false));
  }

  attach(stream: NewStream): Promise<Attachment | { state: "unknown" }> {
    const session = this.realm.sessions.get(stream.sessionId);
    if (session === undefined) return Promise.resolve({ state: "unknown" });
    const { nowMs } = stream;
    if (stream.epoch === session.epoch && stream.lastSequence > session.events.lastSequence) {
      session.epoch = stream.newEpoch;
      session.events.clear();
      session.events = new EventBuffer(this.realm.mailPool);
    }
    const resumed = stream.epoch === session.epoch && session.events.reaches(stream.lastSequence);
    const wasAway = !session.attached;
    session.attached = true;
    session.generation++;
    session.profile = stream.profile ?? session.profile;
    this.realm.networks.moveTo(session, stream.addressKey);
    this.realm.deadlines.delete(session);
    const after = resumed ? stream.lastSequence : session.events.lastSequence;
    const attachment = attachmentTo(this.realm, session, after, resumed);
    if (wasAway) this.#returnTo(session, nowMs);
    this.realm.wake(session.id);
    return Promise.resolve(attachment);
  }

  detach(stream: BrokenStream): Promise<void> {
    const session = this.realm.sessions.get(stream.sessionId);
    if (session?.generation !== stream.generation) return Promise.resolve();
    if (!session.attached && stream.awayUntilMs >= session.awayUntilMs) return Promise.resolve();
    if (session.attached && session.doing.state === "idle" && session.events.lastSequence === 0) {
      this.realm.close(session, "expired", stream.nowMs);
      return Promise.resolve();
    }
    session.attached = false;
    session.awayUntilMs = stream.awayUntilMs;
    this.realm.deadlines.set(session, stream.awayUntilMs);
    const { doing } = session;
    if (doing.state === "waiting") this.realm.setAside(doing.waiter);
    if (doing.state === "matched") {
      const partner = doing.match.sides[otherRole(doing.role)].session;
      const away = { type: "partner_away", matchId: doing.match.id, deadlineMs: stream.awayUntilMs } as const;
      this.realm.send(partner, away, stream.nowMs);
    }
    return Promise.resolve();
  }

  match({ ticket, offer, leaveMatchId, nowMs }: MatchRequest): Promise<Pairing | { state: "unknown" }> {
    const session = this.realm.sessions.get(ticket.sessionId);
    if (session === undefined) return Promise.resolve({ state: "unknown" });
    const { doing } = session;
    if (doing.state === "matched") {
      if (doing.match.id !== leaveMatchId) return Promise.resolve({ state: "in_match" });
      const requeuePartner = this.realm.part(doing.match, "skipped", doing.role, nowMs);
      this.realm.enqueue(session, ticket, 0, nowMs, offer);
      requeuePartner?.();
    } else if (doing.state === "idle") {
      this.realm.enqueue(session, ticket, 0, nowMs, offer);
    } else {
      const amended = amend(doing.waiter.ticket, ticket);
      if (demandOf(doing.waiter.ticket) === demandOf(amended)) return Promise.resolve({ state: "waiting" });
      this.realm.setAside(doing.waiter);
      this.realm.enqueue(session, amended, doing.waiter.round, nowMs, offer);
    }
    return Promise.resolve(pairingOf(session));
  }

  leave({ sessionId, nowMs }: { sessionId: SessionId; nowMs: number }): Promise<{ state: "idle" | "unknown" }> {
    const session = this.realm.sessions.get(sessionId);
    if (session === undefined) return Promise.resolve({ state: "unknown" });
    const { doing } = session;
    if (doing.state === "matched") this.realm.end(doing.match, "left", doing.role, nowMs);
    if (doing.state === "waiting") this.realm.setAside(doing.waiter);
    session.doing = { state: "idle" };
    return Promise.resolve({ state: "idle" });
  }

  relay(post: OutgoingSignals): Promise<Relayed> {
    const { sessionId, matchId, clientSequence, signals, descriptions, nowMs } = post;
    const session = this.realm.sessions.get(sessionId);
    if (session === undefined) return Promise.resolve({ state: "unknown" });
    const { doing } = session;
    if (doing.state !== "matched" || doing.match.id !== matchId) return Promise.resolve({ state: "over" });
    const own = doing.match.sides[doing.role];
    const expected = own.clientSequence + 1;
    if (clientSequence < expected) return Promise.resolve({ state: "repeated" });
    if (clientSequence > expected) return Promise.resolve({ state: "gap", expected });
    const mode = post.mode === undefined ? undefined : modeOf(own.ticket);
    if (mode !== undefined && post.mode !== undefined && !allows(mode, post.mode)) {
      return Promise.resolve({ state: "refused", mode });
    }
    own.clientSequence = clientSequence;
    const { relayOnly, negotiation, sides } = doing.match;
    const described = descriptions.hasOffer || descriptions.hasAnswer;
    const isMet = described && !negotiation.answered && recordDescriptions(negotiation, doing.role, descriptions);
    if (isMet) meetDeadline(this.realm, doing.match);
    const partner = sides[otherRole(doing.role)].session;
    const further = isGuest(partner.id) ? { post: { clientSequence, ...descriptions } } : {};
    this.realm.send(partner, { type: "signaled", matchId, relayOnly, described, signals, ...further }, nowMs);
    return Promise.resolve({ state: "relayed" });
  }

  report({ sessionId, matchId, nowMs }: Parameters<LobbyStore["report"]>[0]): Promise<Reported> {
    const session = this.realm.sessions.get(sessionId);
    if (session === undefined) return Promise.resolve({ state: "unknown" });
    const past = this.realm.acquaintances.past(session, matchId, nowMs);
    const partner = partnerIn(this.realm, session, matchId, nowMs);
    if (partner === undefined) return Promise.resolve({ state: "over" });
    const about = { ...partner, reporterKey: session.addressKey };
    if (past?.reported) return Promise.resolve({ state: "repeated", ...about });
    if (session.reportsMade >= limits.reportedPartners) return Promise.resolve({ state: "exhausted" });
    session.reportsMade++;
    session.past?.report(matchId);
    separate(this.realm, session, about, nowMs);
    return Promise.resolve({ state: "reported", ...about });
  }

  partner({ sessionId, matchId, nowMs }: Parameters<LobbyStore["partner"]>[0]): Promise<Partner> {
    const session = this.realm.sessions.get(sessionId);
    if (session === undefined) return Promise.resolve({ state: "unknown" });
    const partnerId = partnerIn(this.realm, session, matchId, nowMs)?.partnerId;
    const partner = partnerId && this.realm.sessions.get(partnerId);
    if (partner === undefined || this.realm.acquaintances.areApart(session, partner)) {
      return Promise.resolve({ state: "over" });
    }
    const [partnerKey, ownKey] = [partner.addressKey, session.addressKey];
    return Promise.resolve({ state: "partner", partnerId: partner.id, partnerKey, ownKey });
  }

  append({ sessionId, event, partner, nowMs }: AppendedEvent): ReturnType<LobbyStore["append"]> {
    const session = this.realm.sessions.get(sessionId);
    if (session === undefined) return Promise.resolve({ state: "unknown" });
    const mustRedact = partner !== undefined && isApart(this.realm, session, partner.partnerId);
    const appended = mustRedact ? partner.apart : event;
    if (appended !== undefined) this.realm.send(session, appended, nowMs);
    return Promise.resolve({ state: mustRedact ? "apart" : "appended" });
  }

  apart({ sessionId, partnerIds }: Parameters<LobbyStore["apart"]>[0]): Promise<SessionId[]> {
    const session = this.realm.sessions.get(sessionId);
    return Promise.resolve(session ? partnerIds.filter((id) => isApart(this.realm, session, id)) : []);
  }

  closeSessions(closing: Closing): Promise<{ closed: number }> {
    return Promise.resolve({ closed: closeSessions(this.realm, closing) });
  }

  block(blocking: Blocking): Promise<void> {
    blockPerson(this.realm, blocking);
    return Promise.resolve();
  }

  unblock({ person, other }: Omit<Blocking, "nowMs">): Promise<void> {
    this.realm.acquaintances.blocks.remove(person, other);
    return Promise.resolve();
  }

  expire({ nowMs, limit }: { nowMs: number; limit: number }): Promise<{ nextMs: number | undefined }> {
    const nextMs = this.realm.carryOut(nowMs, limit, (due) => {
      if (due.kind === "session") this.realm.close(due, "expired", nowMs);
      else this.#endUnresponsive(due, nowMs);
    });
    return Promise.resolve({ nextMs });
  }

  count(): Promise<LobbyCounts> {
    const { sessions, pools, matches } = this.realm;
    return Promise.resolve({ sessions: sessions.size, waiting: pools.size, matches });
  }

  waits({ nowMs }: { nowMs: number }): Promise<Distribution> {
    const { pools } = this.realm;
    const waited = Float64Array.from(pools.waits(SAMPLED_WAITS), (sinceMs) => nowMs - sinceMs);
    return Promise.resolve({ ...distributionOf(waited), count: pools.size });
  }

  #returnTo(session: Session, nowMs: number): void {
    const { doing } = session;
    if (doing.state === "waiting") this.realm.revisit(doing.waiter, nowMs);
    if (doing.state !== "matched") return;
    const partner = doing.match.sides[otherRole(doing.role)].session;
    this.realm.send(partner, { type: "partner_back", matchId: doing.match.id }, nowMs);
  }

  #endUnresponsive(match: Match, nowMs: number): void {
    const end = overdue(match.negotiation);
    if (end !== undefined) this.realm.end(match, end.cause, end.initiator, nowMs);
  }
}
