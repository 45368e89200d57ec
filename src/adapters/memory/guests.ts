import type { SessionId } from "../../core/ids.js";
import { matchIdOf, otherRole } from "../../core/match.js";
import { personOf } from "../../core/session-key.js";
import type { Ticket } from "../../core/ticket.js";
import type {
  Departure,
  Guests,
  Hosted,
  Reception,
  Reservation,
  ReservationRequest,
  Stay,
  Stray,
  Traveller,
  Visit,
  Whereabouts,
} from "../../ports/guests.js";
import { createSession } from "./create-session.js";
import type { LobbyState } from "./lobby-state.js";
import type { Session, Waiter } from "./state.js";

/** The guests of a single process. */
export class MemoryGuests implements Guests {
  /** Where the next reservation continues. */
  #next = 0;

  constructor(private readonly realm: LobbyState) {}

  reserve({ waitedMs, untilMs, limit, nowMs }: ReservationRequest): Promise<Reservation[]> {
    const { pools, looks } = this.realm;
    const long = [...pools.all()].filter(({ ticket }) => ticket.sinceMs + waitedMs <= nowMs);
    const turn = this.#next % Math.max(long.length, 1);
    const inTurn = long.sort((a, b) => a.place - b.place).slice(turn, turn + limit);
    this.#next = turn + inTurn.length;
    const chosen = inTurn.filter(({ ticket }) => ticket.priceMsat === 0);
    const reservations = chosen.map((waiter) => {
      this.realm.setAside(waiter);
      looks.set(waiter, untilMs);
      const { session, ticket, round } = waiter;
      const matchId = matchIdOf(ticket.id, round);
      waiter.round++;
      waiter.reservedFor = matchId;
      return { matchId, traveller: this.#traveller(session, ticket, round, nowMs) };
    });
    return Promise.resolve(reservations);
  }

  release({ sessionId, matchId, nowMs }: Parameters<Guests["release"]>[0]): Promise<void> {
    const waiter = this.#reserved(sessionId, matchId);
    if (waiter !== undefined) this.realm.revisit(waiter, nowMs);
    return Promise.resolve();
  }

  visit(visit: Visit): Promise<Hosted | { state: "nobody" }> {
    const { traveller, nowMs } = visit;
    const ticket = ticketOf(traveller, nowMs);
    const matchId = matchIdOf(ticket.id, traveller.round);
    const held = this.realm.sessions.get(visit.guestId);
    if (held?.guest?.matchId === matchId && held.doing.state === "matched")
      return Promise.resolve(this.#hosted(held, nowMs));
    if (held !== undefined) this.#close(held, nowMs);
    if (held?.guest?.matchId === matchId) return Promise.resolve({ state: "nobody" });
    const guest = this.#open(visit, { matchId, other: undefined });
    const waiter = this.realm.waiterOf(guest, ticket, traveller.round, nowMs);
    const found = this.realm.search(waiter, nowMs, false);
    if (found === undefined) {
      this.#forgetBlocks(guest);
      return Promise.resolve({ state: "nobody" });
    }
    this.realm.add(guest);
    this.realm.pair(waiter, found, nowMs, undefined);
    return Promise.resolve(this.#hosted(guest, nowMs));
  }

  receive(reception: Reception): Promise<Stay | { state: "lapsed" }> {
    const { sessionId, matchId, guestId, traveller, other, nowMs } = reception;
    const held = this.realm.sessions.get(guestId);
    if (held?.guest?.matchId === matchId) return Promise.resolve(stayOf(held) ?? { state: "lapsed" });
    const waiter = this.#reserved(sessionId, matchId);
    if (waiter === undefined) return Promise.resolve({ state: "lapsed" });
    if (held !== undefined) this.#close(held, nowMs);
    const guest = this.#open(reception, { matchId, other });
    this.realm.add(guest);
    waiter.round--;
    this.realm.pair(waiter, this.realm.waiterOf(guest, ticketOf(traveller, nowMs), 0, nowMs), nowMs, undefined);
    return Promise.resolve(stayOf(guest) ?? { state: "lapsed" });
  }

  depart({ guestId, matchId, cause, initiator, nowMs }: Departure): Promise<void> {
    const guest = this.realm.sessions.get(guestId);
    if (guest?.guest?.matchId !== matchId) return Promise.resolve();
    if (guest.doing.state === "matched") this.realm.end(guest.doing.match, cause, initiator, nowMs);
    this.realm.close(guest, "removed", nowMs);
    return Promise.resolve();
  }

  takeOver({ guestId, matchId, nowMs }: Parameters<Guests["takeOver"]>[0]): Promise<Stay | { state: "unknown" }> {
    const guest = this.realm.sessions.get(guestId);
    if (guest?.guest?.matchId !== matchId || guest.doing.state !== "matched") {
      return Promise.resolve({ state: "unknown" });
    }
    const { match, role } = guest.doing;
    const wasAway = !guest.attached;
    guest.attached = true;
    guest.generation++;
    this.realm.deadlines.delete(guest);
    this.realm.strays.delete(guest);
    if (wasAway) this.realm.send(match.sides[otherRole(role)].session, { type: "partner_back", matchId }, nowMs);
    this.realm.wake(guestId);
    return Promise.resolve(stayOf(guest) ?? { state: "unknown" });
  }

  strays({ limit, untilMs, nowMs }: Parameters<Guests["strays"]>[0]): Promise<Stray[]> {
    const found: Stray[] = [];
    for (const [session, fromMs] of this.realm.strays) {
      if (found.length >= limit) break;
      const { id: guestId, guest } = session;
      if (guest?.other === undefined || fromMs > nowMs) continue;
      this.realm.strays.set(session, untilMs);
      found.push({ guestId, matchId: guest.matchId, other: guest.other });
    }
    return Promise.resolve(found);
  }

  handOver({ guestIds }: { guestIds: readonly SessionId[] }): Promise<void> {
    for (const id of guestIds) {
      const guest = this.realm.sessions.get(id);
      if (guest?.guest?.other !== undefined) this.realm.strays.set(guest, 0);
    }
    return Promise.resolve();
  }

  /** A guest that is not in the realm yet; whom its person has blocked is. */
  #open(
    { guestId, traveller, epoch, nowMs }: Visit,
    guest: { matchId: Reservation["matchId"]; other: Whereabouts | undefined },
  ): Session {
    const { addressKey, profile, blocked } = traveller;
    const opened = { sessionId: guestId, epoch, addressKey, profile, nowMs, maxSessions: Infinity, quotas: [] };
    const person = personOf(addressKey);
    if (person !== undefined) this.realm.acquaintances.blocks.add(person, blocked);
    return { ...createSession(opened, this.realm), guest };
  }

  #forgetBlocks({ addressKey }: Session): void {
    const person = personOf(addressKey);
    if (person === undefined || this.realm.networks.sessionsOn(person).size > 0) return;
    this.realm.acquaintances.blocks.forget(person);
  }

  /** Ends an earlier visit, which was given up. */
  #close(guest: Session, nowMs: number): void {
    if (guest.doing.state === "matched") this.realm.end(guest.doing.match, "unresponsive", guest.doing.role, nowMs);
    this.realm.close(guest, "removed", nowMs);
  }

  #reserved(sessionId: SessionId, matchId: Reservation["matchId"]): Waiter | undefined {
    const session = this.realm.sessions.get(sessionId);
    if (session?.doing.state !== "waiting" || !session.attached) return undefined;
    const { waiter } = session.doing;
    return waiter.reservedFor === matchId && !this.realm.pools.has(waiter) ? waiter : undefined;
  }

  #hosted(guest: Session, nowMs: number): Hosted | { state: "nobody" } {
    const stay = stayOf(guest);
    if (stay === undefined || guest.doing.state !== "matched") return { state: "nobody" };
    const { session, ticket, round } = guest.doing.match.sides[otherRole(stay.role)];
    return { state: "hosted", stay, partner: this.#traveller(session, ticket, round, nowMs) };
  }

  #traveller({ id: sessionId, addressKey, profile }: Session, ticket: Ticket, round: number, nowMs: number): Traveller {
    const person = personOf(addressKey);
    return {
      sessionId,
      addressKey,
      profile,
      blocked: person === undefined ? [] : [...this.realm.acquaintances.blocks.of(person)],
      ticket: JSON.stringify(ticket),
      round,
      waitedMs: nowMs - ticket.sinceMs,
      softWaitedMs: nowMs - ticket.softSinceMs,
    };
  }
}

/** A ticket by the clock of this realm. */
function ticketOf({ ticket, waitedMs, softWaitedMs }: Traveller, nowMs: number): Ticket {
  return { ...(JSON.parse(ticket) as Ticket), sinceMs: nowMs - waitedMs, softSinceMs: nowMs - softWaitedMs };
}

/** Undefined for a guest without a match. */
function stayOf({ doing, generation, epoch, events }: Session): Stay | undefined {
  if (doing.state !== "matched") return undefined;
  return { state: "staying", role: doing.role, generation, epoch, afterSequence: events.beforeFirst };
}
