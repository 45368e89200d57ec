import { guestId } from "../../../src/core/guest.js";
import type { Epoch, SessionId } from "../../../src/core/ids.js";
import type { Cause } from "../../../src/core/match.js";
import type { Hosted, Reservation, Stay } from "../../../src/ports/guests.js";
import { OVERFLOW_AFTER_MS, type TwoRealms } from "../two-realms.js";

export const LEASE_MS = 10_000;

/** The steps of a visit from one realm to the other, which an instance takes one after the other. */
export class Travel {
  constructor(private readonly realms: TwoRealms) {}

  /** Lets a session of the home realm wait for long. */
  async wait(name: string, wishes: Parameters<TwoRealms["home"]["match"]>[1] = {}): Promise<void> {
    await this.realms.home.enter(name);
    await this.realms.home.match(name, wishes);
    await this.realms.pass(OVERFLOW_AFTER_MS);
  }

  reserve(limit = 1): Promise<Reservation[]> {
    const { stores, nowMs } = this.realms.home;
    return stores.guests.reserve({ waitedMs: OVERFLOW_AFTER_MS, untilMs: nowMs + LEASE_MS, limit, nowMs });
  }

  async reserveOne(): Promise<Reservation> {
    const [reservation] = await this.reserve();
    if (reservation === undefined) throw new Error("nobody was reserved");
    return reservation;
  }

  release({ matchId, traveller: { sessionId } }: Reservation): Promise<void> {
    const { stores, nowMs } = this.realms.home;
    return stores.guests.release({ sessionId, matchId, nowMs });
  }

  visit({ traveller }: Reservation): Promise<Hosted | { state: "nobody" }> {
    const { stores, nowMs } = this.realms.abroad;
    return stores.guests.visit({ guestId: visitor(traveller.sessionId), traveller, epoch: "visit" as Epoch, nowMs });
  }

  /** A visit that must find somebody. */
  async find(reservation: Reservation): Promise<Hosted> {
    const answer = await this.visit(reservation);
    if (answer.state === "nobody") throw new Error("nobody was found");
    return answer;
  }

  receive(
    { matchId, traveller: { sessionId } }: Reservation,
    { partner }: Hosted,
  ): Promise<Stay | { state: "lapsed" }> {
    const { stores, nowMs } = this.realms.home;
    const other = { realm: "us", guestId: visitor(sessionId) };
    const guest = { guestId: host(partner.sessionId), traveller: partner, epoch: "stay" as Epoch };
    return stores.guests.receive({ ...guest, sessionId, matchId, other, nowMs });
  }

  depart({ matchId, traveller: { sessionId } }: Reservation, cause: Cause = "unresponsive"): Promise<void> {
    const { stores, nowMs } = this.realms.abroad;
    return stores.guests.depart({ guestId: visitor(sessionId), matchId, cause, initiator: "offerer", nowMs });
  }

  /** Two people of two realms who meet. */
  async meet(name: string, other: string) {
    await this.realms.abroad.enter(other);
    await this.realms.abroad.match(other);
    await this.wait(name);
    const reservation = await this.reserveOne();
    const hosted = await this.find(reservation);
    const stay = await this.receive(reservation, hosted);
    if (stay.state === "lapsed") throw new Error("it lapsed");
    return { reservation, hosted, stay, matchId: reservation.matchId };
  }
}

/** The guest in the other realm for a session of the home realm, and the reverse. */
export const visitor = (sessionId: string) => guestId(sessionId as SessionId, "eu");
export const host = (sessionId: string) => guestId(sessionId as SessionId, "us");
