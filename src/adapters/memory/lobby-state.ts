import { type Event, hasChanged, type Wait } from "../../core/event.js";
import { isGuest } from "../../core/guest.js";
import type { SessionId } from "../../core/ids.js";
import { type Cause, closingCause, endings, otherRole, type Role } from "../../core/match.js";
import { limits, PARTED_WHEN_DUE, SEARCH_PAUSE_MS, WAIT_AVERAGE_WEIGHT } from "../../core/limits.js";
import { personOf } from "../../core/session-key.js";
import { poolCount } from "../../core/pools.js";
import { lookAtMs, PLANNED_SHARE, searchAgainAtMs, searchBounds } from "../../core/search.js";
import { gaveWay, stageAt, type Ticket } from "../../core/ticket.js";
import type { Description } from "../../core/signal.js";
import type { CloseReason } from "../../ports/mailbox.js";
import { EncounterHistory } from "./encounter-history.js";
import { DeadlineQueue } from "./deadline-queue.js";
import { Effort } from "./effort.js";
import { MailPool } from "./event-buffer.js";
import { matchOf, sendMatchBeginning } from "./match-beginning.js";
import { sendMatchEnd } from "./match-end.js";
import { Networks } from "./networks.js";
import { Pools } from "./pools.js";
import { NO_LOG, Spans } from "./spans.js";
import type { Match, Session, Waiter, Watch } from "./state.js";
import { newWaiter } from "./waiter.js";

/** The state of a lobby and its operations, which neither wait nor fail. The lobby's verbs check preconditions. */
export class LobbyState {
  readonly sessions = new Map<SessionId, Session>();
  readonly networks = new Networks();
  readonly watches = new Map<SessionId, Watch>();
  readonly pools = new Pools();
  /** Deadlines of sessions and matches, and the next looks of waiters. */
  readonly deadlines = new DeadlineQueue<Session | Match>();
  readonly looks = new DeadlineQueue<Waiter>();
  /** When paused searches continue. */
  readonly rests = new DeadlineQueue<Waiter>();
  readonly acquaintances = new EncounterHistory();
  /** Guests that nobody relays for, and from when on they are available. */
  readonly strays = new Map<Session, number>();
  matches = 0;
  #averageWaitMs: number | undefined;
  #order = 0;

  readonly effort: Effort;
  readonly spans: Spans;

  /** @param log takes what happens */
  constructor(
    private readonly handshakeMs: number,
    bounds = searchBounds,
    readonly mailPool = new MailPool(),
    log = NO_LOG,
  ) {
    this.effort = new Effort(bounds);
    this.spans = new Spans(log);
  }

  add(session: Session): void {
    this.sessions.set(session.id, session);
    this.networks.add(session);
    this.spans.open(session);
  }

  send(session: Session, event: Event, nowMs: number): void {
    session.events.append(event, nowMs);
    this.wake(session.id);
  }

  wake(sessionId: SessionId): void {
    this.watches.get(sessionId)?.wakes.forEach((wake) => {
      wake();
    });
  }

  /** A waiter that neither waits nor stands yet. */
  waiterOf(session: Session, ticket: Ticket, round: number, nowMs: number): Waiter {
    return newWaiter(session, ticket, round, this.#order++, nowMs);
  }

  /** Makes an idle session wait. An attached one is paired at once if a partner fits. */
  enqueue(session: Session, ticket: Ticket, round: number, nowMs: number, offer?: Description): void {
    const waiter = this.waiterOf(session, ticket, round, nowMs);
    session.doing = { state: "waiting", waiter };
    if (session.attached) this.consider(waiter, nowMs, offer);
    else this.send(session, { type: "waiting", ...this.wait(waiter, false) }, nowMs);
  }

  /** Continues a waiter's search and pairs it if a partner fits. Else, it stands in the pools until the next look. */
  consider(waiter: Waiter, nowMs: number, offer?: Description, isBrief = false): void {
    const found = waiter.search && this.search(waiter, nowMs, isBrief);
    if (found !== undefined) {
      this.pair(waiter, found, nowMs, offer);
      return;
    }
    this.pools.add(waiter);
    if (waiter.search === undefined) this.looks.set(waiter, lookAtMs(waiter.searchAtMs, nowMs));
    else this.rests.set(waiter, isBrief ? nowMs : nowMs + SEARCH_PAUSE_MS);
    this.#sendWait(waiter, nowMs, waiter.recentUntilMs !== undefined);
  }

  /** Considers a waiter again, in its present stage. A waiter that enters new pools searches them from the start. */
  revisit(waiter: Waiter, nowMs: number, isBrief = false): void {
    const stage = stageAt(waiter.ticket, nowMs);
    if (stage > waiter.stage) {
      const places = poolCount(waiter.ticket, waiter.stage, "wait") + poolCount(waiter.ticket, stage, "wait");
      this.setAside(waiter);
      waiter.stage = stage;
      this.effort.spend(places);
    }
    if (!this.pools.has(waiter) || (waiter.search === undefined && nowMs >= waiter.searchAtMs)) {
      waiter.search = { tier: 0, after: undefined };
      waiter.recentUntilMs = undefined;
      waiter.fittingCount = 0;
    }
    this.consider(waiter, nowMs, undefined, isBrief);
  }

  /** Handles at most `limit` items that are due at `nowMs`, deadlines first. Returns when the next one is due. */
  carryOut(nowMs: number, limit: number, meet: (due: Session | Match) => void): number | undefined {
    let left = limit;
    const takeFrom = <T extends object>(queue: DeadlineQueue<T>): T | undefined => {
      const due = left > 0 ? queue.take(nowMs) : undefined;
      if (due !== undefined) left--;
      return due;
    };
    const looksFromMs = this.effort.inSpan(nowMs, () => {
      for (let due = takeFrom(this.deadlines); due !== undefined; due = takeFrom(this.deadlines)) meet(due);
      const goThrough = (queue: DeadlineQueue<Waiter>, share: number) => {
        while (this.effort.isLeftOf(share)) {
          const waiter = takeFrom(queue);
          if (waiter === undefined) break;
          this.revisit(waiter, nowMs, queue === this.looks);
        }
      };
      goThrough(this.looks, PLANNED_SHARE);
      goThrough(this.rests, 1);
      goThrough(this.looks, 1);
    });
    this.acquaintances.forget(nowMs, PARTED_WHEN_DUE);
    const looksMs = Math.min(this.looks.nextMs ?? Infinity, this.rests.nextMs ?? Infinity);
    const nextMs = Math.min(this.deadlines.nextMs ?? Infinity, Math.max(looksMs, looksFromMs));
    return nextMs === Infinity ? undefined : nextMs;
  }

  /** Takes a waiter out of the pools without ending its wait. */
  setAside(waiter: Waiter): void {
    this.pools.remove(waiter);
    this.looks.delete(waiter);
    this.rests.delete(waiter);
  }

  /** Ends a match, and requeues its sides where the ending says so. */
  end(match: Match, cause: Cause, initiator: Role, nowMs: number): void {
    this.part(match, cause, initiator, nowMs)?.();
  }

  /** Ends a match. Returns a function that requeues the sides that wait again, if any. */
  part(match: Match, cause: Cause, initiator: Role, nowMs: number): (() => void) | undefined {
    const ending = endings[cause];
    const own = match.sides[initiator];
    const partner = match.sides[otherRole(initiator)];
    this.matches--;
    this.deadlines.delete(match);
    this.spans.end(match, cause, initiator, nowMs);
    this.acquaintances.part(match, ending.avoidMs, cause === "reported" ? own.session : undefined, nowMs);
    own.session.doing = { state: "idle" };
    partner.session.doing = { state: "idle" };
    const { id: matchId } = match;
    const end = { matchId, ending: { cause, initiator } };
    const ownTicket = sendMatchEnd(this, own, { ...end, reason: ending.own, sequel: ending.ownSequel }, nowMs);
    const theirs = { ...end, reason: ending.partner, sequel: ending.partnerSequel };
    const partnerTicket = sendMatchEnd(this, partner, theirs, nowMs);
    if (ownTicket === undefined && partnerTicket === undefined) return undefined;
    return () => {
      if (ownTicket !== undefined) this.enqueue(own.session, ownTicket, own.round, nowMs);
      if (partnerTicket !== undefined) this.enqueue(partner.session, partnerTicket, partner.round, nowMs);
    };
  }

  close(session: Session, reason: CloseReason, nowMs: number): void {
    const { doing } = session;
    if (doing.state === "waiting") this.setAside(doing.waiter);
    if (doing.state === "matched") this.end(doing.match, closingCause[reason], doing.role, nowMs);
    this.deadlines.delete(session);
    this.sessions.delete(session.id);
    this.strays.delete(session);
    session.events.clear();
    this.spans.close(session, reason, nowMs);
    this.networks.remove(session);
    const person = personOf(session.addressKey);
    if (person !== undefined && this.networks.sessionsOn(person).size === 0) this.acquaintances.blocks.forget(person);
    const watch = this.watches.get(session.id);
    if (watch !== undefined) watch.closed = reason;
    this.wake(session.id);
  }

  wait(waiter: Waiter, onlyRecentPartners: boolean): Wait {
    const gone = gaveWay(waiter.ticket, waiter.stage);
    return {
      sinceMs: waiter.ticket.sinceMs,
      waitingCount: this.pools.size,
      estimatedWaitMs: this.#averageWaitMs,
      widened: gone.includes("interests"),
      gaveWay: gone.length > 0 ? gone : undefined,
      onlyRecentPartners,
      fittingCount: waiter.fittingCount || undefined,
    };
  }

  /** Continues a search. Returns the waiter that fits, if there is one. */
  search(waiter: Waiter, nowMs: number, isBrief: boolean): Waiter | undefined {
    const { places, found } = this.pools.find(waiter, this.effort.limitsOf(isBrief), (other) => {
      if (isGuest(waiter.session.id) && other.ticket.priceMsat > 0) return false;
      const untilMs = this.acquaintances.avoidedUntilMs(waiter.session, other.session, nowMs);
      if (untilMs === undefined) return true;
      if (untilMs === Infinity) return false;
      waiter.recentUntilMs = Math.min(untilMs, waiter.recentUntilMs ?? Infinity);
      waiter.fittingCount = Math.min(waiter.fittingCount + 1, limits.countedFitting);
      return false;
    });
    this.effort.spend(places);
    if (waiter.search === undefined) {
      waiter.searchAtMs = searchAgainAtMs(waiter.ticket, waiter.stage, nowMs, waiter.recentUntilMs);
    }
    return found;
  }

  #sendWait(waiter: Waiter, nowMs: number, onlyRecentPartners: boolean): void {
    const wait = this.wait(waiter, onlyRecentPartners);
    if (waiter.sentWait !== undefined && !hasChanged(waiter.sentWait, wait)) return;
    waiter.sentWait = wait;
    this.send(waiter.session, { type: "waiting", ...wait }, nowMs);
  }

  /** Pairs two waiters, the first as offerer. */
  pair(seeker: Waiter, found: Waiter, nowMs: number, offer: Description | undefined): void {
    this.setAside(seeker);
    this.setAside(found);
    const waitedMs = nowMs - found.ticket.sinceMs;
    this.#averageWaitMs =
      waitedMs * WAIT_AVERAGE_WEIGHT + (this.#averageWaitMs ?? waitedMs) * (1 - WAIT_AVERAGE_WEIGHT);
    const match = matchOf(seeker, found, this.spans.nextRank(nowMs), nowMs, offer);
    this.matches++;
    this.spans.begin(match);
    this.deadlines.set(match, nowMs + this.handshakeMs);
    sendMatchBeginning(this, match, "answerer", nowMs, offer);
    sendMatchBeginning(this, match, "offerer", nowMs, undefined);
  }
}
