import { expect } from "vitest";
import type { Event } from "../../src/core/event.js";
import type { AddressKey, Epoch, MatchId, SessionId, TicketId } from "../../src/core/ids.js";
import type { NumberedEvent } from "../../src/core/log-event.js";
import type { EncodedSignals } from "../../src/core/signal.js";
import type { MatchingSchema } from "../../src/core/matching-schema.js";
import type { Attachment, LobbyStore } from "../../src/ports/lobby.js";
import type { Mailbox } from "../../src/ports/mailbox.js";
import { sdp } from "../support/sdp.js";
import { type ReferenceSession, Reference, timing } from "./reference.js";
import { Fitting } from "./fitting.js";
import { InvariantChecker } from "./invariant-checker.js";
import { ticketFor, type Wish } from "./wishes.js";

export interface Adapter {
  lobby: LobbyStore;
  mailbox: Mailbox;
  /** Everything in the log, the oldest first. */
  events(): Promise<NumberedEvent[]>;
  close(): Promise<void>;
}

const from = (id: SessionId) => ({ sessionId: id, addressKey: `net-${id}` as AddressKey });
const offer = { type: "offer", sdp: sdp(), connectionId: "pc" } as const;

/** Runs each command on the real lobby and on the reference, and compares their answers and events. */
export class LobbyComparison {
  readonly reference: Reference;
  #count = 0;
  readonly checker: InvariantChecker;

  /** @param settlesMs how long two compatible sessions may both wait; 0 if searches visit all at once */
  constructor(
    private readonly real: Adapter,
    private readonly schema: MatchingSchema,
    settlesMs = 0,
  ) {
    this.reference = new Reference(new Fitting(schema));
    this.reference.seesAll = settlesMs === 0;
    this.checker = new InvariantChecker(real, this.reference, settlesMs);
  }

  get nowMs(): number {
    return this.reference.nowMs;
  }

  async open(id: SessionId): Promise<void> {
    const known = this.reference.people.get(id);
    if (known) return;
    const epoch = `epoch-${String(this.#count++)}` as Epoch;
    const opened = await this.real.lobby.open({ ...from(id), epoch, nowMs: this.nowMs, maxSessions: 100, quotas: [] });
    expect(opened).toMatchObject({ state: "attached", generation: 1, epoch, lastSequence: 0, resumed: false });
    this.reference.people.set(id, {
      ...{ id, alive: true, attached: true, generation: 1, epoch, awayUntilMs: 0, lastSequence: 0 },
      ...{ ticket: undefined, meeting: undefined, avoided: new Map(), past: new Map(), expected: [] },
      ...{ order: 0, unanswered: 0 },
    });
    await this.checker.check();
  }

  async attach(id: SessionId, knows: "everything" | "half" | "another_epoch" | "too_much"): Promise<void> {
    const person = this.reference.person(id);
    const last = person?.lastSequence ?? 0;
    const lastSequence = { everything: last, half: last >> 1, another_epoch: last, too_much: last + 3 }[knows];
    const epoch = knows === "another_epoch" ? ("elsewhere" as Epoch) : (person?.epoch ?? ("none" as Epoch));
    const newEpoch = `epoch-${String(this.#count++)}` as Epoch;
    const stream = { ...from(id), epoch, lastSequence, newEpoch, nowMs: this.nowMs };
    const answer = await this.real.lobby.attach(stream);
    if (!person) {
      expect(answer).toEqual({ state: "unknown" });
      return this.checker.check();
    }
    const resumed = knows === "everything" || knows === "half";
    const wasAway = !person.attached;
    person.generation++;
    if (knows === "too_much") Object.assign(person, { epoch: newEpoch, lastSequence: 0 });
    expect(answer).toMatchObject({ state: "attached", generation: person.generation, epoch: person.epoch, resumed });
    const attachment = answer as Attachment;
    expect(attachment.lastSequence).toBe(resumed ? lastSequence : person.lastSequence);
    this.checker.compareSnapshot(person, attachment.snapshot);
    person.attached = true;
    if (wasAway) {
      if (person.meeting) {
        const { id: matchId } = person.meeting;
        this.reference.partnerOf(person).expected.push({ type: "partner_back", matchId });
      } else if (person.ticket) this.reference.seek(person);
    }
    return this.checker.check();
  }

  async detach(id: SessionId, generation: "newest" | "older", window: "long" | "short"): Promise<void> {
    const person = this.reference.people.get(id);
    if (!person) return;
    const awayUntilMs = this.nowMs + (window === "long" ? timing.windowMs : timing.reloadMs);
    const stream = { sessionId: id, awayUntilMs, nowMs: this.nowMs };
    await this.real.lobby.detach({ ...stream, generation: person.generation - (generation === "older" ? 1 : 0) });
    const wasNeverTold = !person.meeting && !person.ticket && person.lastSequence === 0;
    const isNewest = person.alive && generation === "newest";
    if (isNewest && person.attached && wasNeverTold) this.reference.close(person);
    else if (isNewest && (person.attached || awayUntilMs < person.awayUntilMs)) {
      Object.assign(person, { attached: false, awayUntilMs });
      if (person.meeting) {
        const away: Event = { type: "partner_away", matchId: person.meeting.id, deadlineMs: awayUntilMs };
        this.reference.partnerOf(person).expected.push(away);
      }
    }
    await this.checker.check();
  }

  async match(id: SessionId, wish: Wish, withOffer: boolean, leaves: "nothing" | "current" | "older"): Promise<void> {
    const person = this.reference.person(id);
    const current = person?.meeting?.id;
    const older = [...(person?.past.keys() ?? [])].at(-1) ?? ("older" as MatchId);
    const leaveMatchId = { nothing: undefined, current, older }[leaves];
    const ticket = ticketFor(`t${String(this.#count++)}` as TicketId, id, wish, this.nowMs, this.schema);
    if (ticket === undefined) return;
    const command = { ticket, offer: withOffer ? offer : undefined, leaveMatchId, nowMs: this.nowMs };
    const answer = await this.real.lobby.match(command);
    if (!person) {
      expect(answer).toEqual({ state: "unknown" });
      return this.checker.check();
    }
    if (person.meeting) {
      if (leaveMatchId !== current) {
        expect(answer).toEqual({ state: "in_match" });
        return this.checker.check();
      }
      this.reference.end(person, "skipped", () => {
        this.reference.enqueue(person, ticket, withOffer ? offer : undefined);
      });
      return this.#expectPairing(person, answer);
    }
    const waiting = person.ticket;
    if (waiting) {
      const { fitting } = this.reference;
      const texts = [waiting, ticket].map(({ criteria, relayOnly, rematch, headStartMs }) =>
        JSON.stringify({ criteria, relayOnly, rematch, headStartMs }),
      );
      const same = texts[0] === texts[1];
      ticket.sinceMs = waiting.sinceMs;
      if (fitting.softly(waiting) === fitting.softly(ticket)) ticket.softSinceMs = waiting.softSinceMs;
      if (!same) this.reference.enqueue(person, ticket, withOffer ? offer : undefined);
    } else this.reference.enqueue(person, ticket, withOffer ? offer : undefined);
    return this.#expectPairing(person, answer);
  }

  async leave(id: SessionId): Promise<void> {
    const person = this.reference.person(id);
    const answer = await this.real.lobby.leave({ sessionId: id, nowMs: this.nowMs });
    expect(answer).toEqual({ state: person ? "idle" : "unknown" });
    if (person?.meeting) this.reference.end(person, "left");
    if (person) person.ticket = undefined;
    await this.checker.check();
  }

  async send(
    id: SessionId,
    where: "current" | "older" | "foreign",
    which: "next" | "again" | "skipped",
    what: "candidates" | "offer" | "answer" | "both",
  ): Promise<void> {
    const person = this.reference.person(id);
    const meeting = person?.meeting;
    const foreign = this.reference.meetings.find((one) => one !== meeting)?.id;
    const older = [...(person?.past.keys() ?? [])].at(-1);
    const matchId = { current: meeting?.id, older, foreign }[where] ?? ("none" as MatchId);
    const taken = (person && meeting?.sent.get(person)) ?? 0;
    const clientSequence = taken + { next: 1, again: 0, skipped: 2 }[which];
    if (clientSequence === 0) return;
    const signals = `signals ${String(this.#count++)}` as EncodedSignals;
    const descriptions = {
      hasOffer: what === "offer" || what === "both",
      hasAnswer: what === "answer" || what === "both",
    };
    const post = { sessionId: id, matchId, clientSequence, signals, descriptions, nowMs: this.nowMs };
    const answer = await this.real.lobby.relay(post);
    if (!person) expect(answer).toEqual({ state: "unknown" });
    else if (!meeting || where !== "current") expect(answer).toEqual({ state: "over" });
    else if (which === "again") expect(answer).toEqual({ state: "repeated" });
    else if (which === "skipped") expect(answer).toEqual({ state: "gap", expected: taken + 1 });
    else {
      expect(answer).toEqual({ state: "relayed" });
      meeting.sent.set(person, clientSequence);
      this.reference.hear(person, what);
      const { relayOnly } = meeting;
      const event: Event = { type: "signaled", matchId, relayOnly, described: what !== "candidates", signals };
      this.reference.partnerOf(person).expected.push(event);
    }
    await this.checker.check();
  }

  async report(id: SessionId, which: "current" | "latest" | "first" | "foreign"): Promise<void> {
    const person = this.reference.person(id);
    const past = [...(person?.past.keys() ?? [])];
    const foreign = this.reference.meetings.find((one) => one !== person?.meeting)?.id;
    const matchId = { current: person?.meeting?.id, latest: past.at(-1), first: past[0], foreign }[which];
    if (matchId === undefined) return;
    const answer = await this.real.lobby.report({ sessionId: id, matchId, nowMs: this.nowMs });
    if (!person) expect(answer).toEqual({ state: "unknown" });
    else this.#expectReport(person, matchId, answer);
    await this.checker.check();
  }

  /** Each session has its own network. */
  async ban(id: SessionId): Promise<void> {
    const person = this.reference.person(id);
    const { addressKey } = from(id);
    const answer = await this.real.lobby.closeSessions({
      addressKey,
      reason: "banned",
      keep: 0,
      nowMs: this.nowMs,
      limit: 10,
    });
    expect(answer).toEqual({ closed: person ? 1 : 0 });
    if (person) this.reference.close(person, "banned");
    await this.checker.check();
  }

  /** All sessions search with an offer that is not answered. */
  async stall(ids: readonly SessionId[]): Promise<void> {
    const wish = { preferences: { interests: [], languages: [], relayOnly: false }, rematch: false };
    for (const id of ids) {
      await this.match(id, wish, true, "nothing");
      await this.pass(16); // two deadlines at the same moment have no order
    }
    await this.pass(timing.handshakeMs);
  }

  /** Advances the clock, stopping at every deadline on the way. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    for (;;) {
      const { nextMs } = await this.real.lobby.expire({ nowMs: this.nowMs, limit: 1000 });
      this.reference.expire();
      await this.checker.check();
      if (nextMs === undefined || nextMs >= untilMs) break;
      this.reference.nowMs = Math.max(nextMs, this.nowMs);
    }
    this.reference.nowMs = untilMs;
    await this.real.lobby.expire({ nowMs: untilMs, limit: 1000 });
    this.reference.expire();
    await this.checker.check();
  }

  async #expectPairing(person: ReferenceSession, answer: Awaited<ReturnType<LobbyStore["match"]>>): Promise<void> {
    await this.checker.check();
    const { meeting } = person;
    expect(answer).toEqual(meeting ? { state: "matched", matchId: meeting.id } : { state: "waiting" });
  }

  #expectReport(person: ReferenceSession, matchId: MatchId, answer: Awaited<ReturnType<LobbyStore["report"]>>): void {
    const past = person.past.get(matchId);
    const recent = past && this.nowMs - past.endMs <= timing.reportMs ? past : undefined;
    const partner = person.meeting?.id === matchId ? this.reference.partnerOf(person) : recent?.partner;
    if (!partner) {
      expect(answer).toEqual({ state: "over" });
      return;
    }
    const { startMs: matchStartMs, answered: bothHeard } =
      (person.meeting?.id === matchId ? person.meeting : recent) ?? {};
    const { sessionId: partnerId, addressKey: partnerKey } = from(partner.id);
    const state = recent?.reported ? "repeated" : "reported";
    const { addressKey: reporterKey } = from(person.id);
    expect(answer).toEqual({ state, partnerId, partnerKey, reporterKey, bothHeard, matchStartMs });
    if (recent?.reported) return;
    if (recent) recent.reported = true;
    if (person.meeting && this.reference.partnerOf(person) === partner) this.reference.end(person, "reported");
    person.avoided.set(partner.id, Infinity);
    partner.avoided.set(person.id, Infinity);
  }
}
