import { rankMs, stageAt, type Ticket } from "../../core/ticket.js";
import type { Session, Waiter } from "./state.js";

/** Arrivals in a millisecond that keep their order. Times in milliseconds have room for it in a number. */
const PLACES_PER_MS = 4096;

/** @param order a number that counts arrivals */
export function newWaiter(session: Session, ticket: Ticket, round: number, order: number, nowMs: number): Waiter {
  return {
    kind: "waiter",
    session,
    ticket,
    round,
    place: rankMs(ticket) * PLACES_PER_MS + (order % PLACES_PER_MS),
    stage: stageAt(ticket, nowMs),
    line: undefined,
    index: 0,
    search: { tier: 0, after: undefined },
    recentUntilMs: undefined,
    fittingCount: 0,
    searchAtMs: 0,
    sentWait: undefined,
    reservedFor: undefined,
  };
}
