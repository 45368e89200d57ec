import { type Event, isNews, type Snapshot, type Wait } from "../../core/event.js";
import type { AddressKey, SessionId } from "../../core/ids.js";
import { type Cause, endings, matchIdOf, otherRole, type Role } from "../../core/match.js";
import { WAIT_AVERAGE_WEIGHT } from "../../core/limits.js";
import { place, sharedInterests } from "../../core/pools.js";
import { isWidened, renew, revisitAtMs, type Ticket } from "../../core/ticket.js";
import type { Description } from "../../core/signal.js";
import type { CloseReason } from "../../ports/mailbox.js";
import { Acquaintances } from "./acquaintances.js";
import { Agenda } from "./agenda.js";
import { Pools } from "./pools.js";
import type { Match, Session, Side, Waiter, Watch } from "./state.js";

/** All state of one lobby and the moves on it. The lobby's verbs guard them; nothing here waits or fails. */
export class Realm {
  readonly sessions = new Map<SessionId, Session>();
  /** Sessions by the network of their newest stream. */
  readonly networks = new Map<AddressKey, Set<Session>>();
  readonly watches = new Map<SessionId, Watch>();
  readonly pools = new Pools();
  readonly agenda = new Agenda<Session | Match | Waiter>();
  readonly acquaintances = new Acquaintances();
  matches = 0;
  #averageWaitMs: number | undefined;
  #order = 0;

  constructor(private readonly handshakeMs: number) {}

  /** A session is on that network from now on. */
  moveTo(session: Session, addressKey: AddressKey): void {
    this.#leaveNetwork(session);
    session.addressKey = addressKey;
    const there = this.networks.get(addressKey) ?? new Set();
    this.networks.set(addressKey, there.add(session));
  }

  tell(session: Session, event: Event, nowMs: number): void {
    session.inbox.append(event, nowMs);
    this.wake(session.id);
  }

  wake(sessionId: SessionId): void {
    this.watches.get(sessionId)?.wakes.forEach((wake) => {
      wake();
    });
  }

  /** Makes an idle session wait; attached, it is paired at once if somebody fits. */
  enqueue(session: Session, ticket: Ticket, round: number, nowMs: number, offer?: Description): void {
    const widened = isWidened(ticket, nowMs);
    const placement = place(ticket.preferences, widened);
    const order = this.#order++;
    const waiter: Waiter = { kind: "waiter", session, ticket, round, order, widened, placement, told: undefined };
    session.doing = { state: "waiting", waiter };
    if (session.attached) this.consider(waiter, nowMs, offer);
    else this.tell(session, { type: "waiting", ...this.wait(waiter, false) }, nowMs);
  }

  /** Pairs a waiter if somebody fits; else it stands in the pools until it is looked at again. */
  consider(waiter: Waiter, nowMs: number, offer?: Description): void {
    let recentUntilMs: number | undefined;
    const partner = this.pools.find(waiter.placement.seekIn, (other) => {
      if (other === waiter) return false;
      const untilMs = this.acquaintances.avoidedUntilMs(waiter.session, other.session, nowMs);
      if (untilMs === undefined) return true;
      if (untilMs !== Infinity) recentUntilMs = Math.min(untilMs, recentUntilMs ?? Infinity);
      return false;
    });
    if (partner !== undefined) {
      this.#pair(waiter, partner, nowMs, offer);
      return;
    }
    this.pools.add(waiter);
    this.agenda.set(waiter, revisitAtMs(waiter.ticket, nowMs, recentUntilMs));
    this.#tellWait(waiter, nowMs, recentUntilMs !== undefined);
  }

  /** Looks at a waiter again, in the pools of its ticket by now. */
  revisit(waiter: Waiter, nowMs: number): void {
    if (!waiter.widened && isWidened(waiter.ticket, nowMs)) {
      this.setAside(waiter);
      waiter.widened = true;
      waiter.placement = place(waiter.ticket.preferences, true);
    }
    this.consider(waiter, nowMs);
  }

  /** Takes a waiter out of the pools without ending its wait. */
  setAside(waiter: Waiter): void {
    this.pools.remove(waiter);
    this.agenda.delete(waiter);
  }

  /** Ends a match and lets the partner go on as the ending says. */
  end(match: Match, cause: Cause, causer: Role, nowMs: number): void {
    this.part(match, cause, causer, nowMs)?.();
  }

  /** Ends a match. Returns how to put the partner back into the queue, if it belongs there. */
  part(match: Match, cause: Cause, causer: Role, nowMs: number): (() => void) | undefined {
    const ending = endings[cause];
    const own = match.sides[causer];
    const partner = match.sides[otherRole(causer)];
    this.matches--;
    this.agenda.delete(match);
    this.acquaintances.part(match, ending.avoidMs, cause === "reported" ? own.session : undefined, nowMs);
    own.session.doing = { state: "idle" };
    partner.session.doing = { state: "idle" };
    const inOldPlace = ending.partnerQueues === "in_old_place";
    const queuedAgain = inOldPlace || partner.ticket.rematch;
    this.tell(own.session, { type: "match_ended", matchId: match.id, reason: ending.own, queuedAgain: false }, nowMs);
    this.tell(partner.session, { type: "match_ended", matchId: match.id, reason: ending.partner, queuedAgain }, nowMs);
    if (!queuedAgain) return undefined;
    const ticket = inOldPlace ? partner.ticket : renew(partner.ticket, nowMs);
    return () => {
      this.enqueue(partner.session, ticket, partner.round, nowMs);
    };
  }

  close(session: Session, reason: CloseReason, nowMs: number): void {
    const { doing } = session;
    if (doing.state === "waiting") this.setAside(doing.waiter);
    if (doing.state === "matched") this.end(doing.match, reason === "banned" ? "banned" : "lost", doing.role, nowMs);
    this.agenda.delete(session);
    this.sessions.delete(session.id);
    this.#leaveNetwork(session);
    const watch = this.watches.get(session.id);
    if (watch !== undefined) watch.closed = reason;
    this.wake(session.id);
  }

  snapshot(session: Session): Snapshot {
    const { doing } = session;
    if (doing.state === "idle") return { state: "idle" };
    if (doing.state === "waiting") {
      return { state: "waiting", ...this.wait(doing.waiter, doing.waiter.told?.onlyRecentPartners ?? false) };
    }
    const { match, role } = doing;
    return {
      state: "matched",
      matchId: match.id,
      role,
      partnerPresent: match.sides[otherRole(role)].session.attached,
      clientSequence: match.sides[role].clientSequence,
      sharedInterests: match.sharedInterests,
      relayOnly: match.relayOnly,
      startMs: match.startMs,
    };
  }

  wait(waiter: Waiter, onlyRecentPartners: boolean): Wait {
    return {
      sinceMs: waiter.ticket.sinceMs,
      waitingCount: this.pools.size,
      estimatedWaitMs: this.#averageWaitMs,
      widened: waiter.ticket.preferences.interests.length > 0 && waiter.widened,
      onlyRecentPartners,
    };
  }

  #leaveNetwork(session: Session): void {
    const there = this.networks.get(session.addressKey);
    there?.delete(session);
    if (there?.size === 0) this.networks.delete(session.addressKey);
  }

  #tellWait(waiter: Waiter, nowMs: number, onlyRecentPartners: boolean): void {
    const wait = this.wait(waiter, onlyRecentPartners);
    if (waiter.told !== undefined && !isNews(waiter.told, wait)) return;
    waiter.told = wait;
    this.tell(waiter.session, { type: "waiting", ...wait }, nowMs);
  }

  #pair(seeker: Waiter, found: Waiter, nowMs: number, offer: Description | undefined): void {
    this.setAside(seeker);
    this.setAside(found);
    const waitedMs = nowMs - found.ticket.sinceMs;
    this.#averageWaitMs =
      waitedMs * WAIT_AVERAGE_WEIGHT + (this.#averageWaitMs ?? waitedMs) * (1 - WAIT_AVERAGE_WEIGHT);
    const match: Match = {
      kind: "match",
      id: matchIdOf(seeker.ticket.id, seeker.round),
      startMs: nowMs,
      relayOnly: seeker.ticket.preferences.relayOnly || found.ticket.preferences.relayOnly,
      sharedInterests: sharedInterests(seeker.ticket.preferences, found.ticket.preferences),
      sides: { offerer: sideOf(seeker), answerer: sideOf(found) },
      negotiation: { offered: { offerer: offer !== undefined, answerer: false }, answered: false },
    };
    this.matches++;
    this.agenda.set(match, nowMs + this.handshakeMs);
    this.#join(match, "answerer", nowMs, offer);
    this.#join(match, "offerer", nowMs, undefined);
  }

  #join(match: Match, role: Role, nowMs: number, offer: Description | undefined): void {
    const { session, ticket } = match.sides[role];
    session.doing = { state: "matched", match, role };
    const { id: matchId, sharedInterests, relayOnly } = match;
    const { sinceMs } = ticket;
    this.tell(session, { type: "matched", matchId, role, sharedInterests, offer, relayOnly, sinceMs }, nowMs);
  }
}

function sideOf(waiter: Waiter): Side {
  return { session: waiter.session, ticket: waiter.ticket, round: waiter.round + 1, clientSequence: 0 };
}
