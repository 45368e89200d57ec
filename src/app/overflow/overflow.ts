import { isStoreAway } from "../../core/errors.js";
import { guestId } from "../../core/guest.js";
import type { Epoch } from "../../core/ids.js";
import type { Clock } from "../../ports/clock.js";
import type { Departure, Hosted, Reservation, Stray } from "../../ports/guests.js";
import type { OverflowMeter } from "../../ports/meter.js";
import type { Random } from "../../ports/random.js";
import { Half } from "./half.js";
import { MatchRelay } from "./match-relay.js";
import { Patience, Stopped } from "./patience.js";
import type { Neighbour, Realm } from "../../ports/neighbour.js";

/** The average pause between two steps, in milliseconds. Random, so that two realms do not offer at the same time. */
const STEP_MS = 1_000;
/** How many people one step takes out of the pools, and how many stray matches it takes over. */
const AT_ONCE = 8;
/** How long a reservation lasts, and for how long of it neighbours are asked, in milliseconds. */
const LEASE_MS = 10_000;
const ASKING_MS = 3_000;
/** For how long a stray is left to the instance that takes it over, in milliseconds. */
const CLAIM_MS = 5_000;
/** How long a neighbour that did not answer is left alone, in milliseconds. */
const PAUSE_MS = 5_000;
/** How long one where nobody fitted is left alone, in milliseconds: first, twice as long each time, and at most. */
const MISS_MS = 500;
const MAX_MISS_MS = 4_000;
/** How long a stopping instance waits for others to take its matches over, in milliseconds. */
const HANDOVER_MS = 3_000;

interface OverflowDependencies {
  home: Realm;
  neighbours: readonly Neighbour[];
  /** Monotonic. */
  clock: Clock;
  random: Random;
  meter: OverflowMeter;
  /** How long a person waits in its own realm before it may meet somebody of another, in milliseconds. */
  afterMs: number;
  onError: (error: unknown) => void;
}

/**
 * Pairs people who have waited long with those of neighbour realms, and relays their matches.
 *
 * The store of the home realm decides who is offered: it reserves each ticket for one instance, which asks the
 * neighbours in turn. The neighbour pairs first, then the home realm. Should the latter fail, the neighbour's person is
 * told that the match is over, and waits in its old place.
 */
export class Overflow {
  readonly #relays = new Set<MatchRelay>();
  readonly #patience: Patience;
  readonly #pausedUntilMs = new Map<Neighbour, number>();
  /** How often in a row nobody fitted there. */
  readonly #misses = new Map<Neighbour, number>();
  #turn = 0;
  #cancel: () => void = () => undefined;

  constructor(private readonly deps: OverflowDependencies) {
    this.#patience = new Patience(deps.clock, deps.random);
  }

  /** The number of matches that this instance relays. */
  get size(): number {
    return this.#relays.size;
  }

  start(): void {
    const { clock, random, onError } = this.deps;
    this.#cancel = clock.after(STEP_MS * (0.5 + random.float()), () => {
      this.step()
        .catch((error: unknown) => {
          if (!isStoreAway(error) && !(error instanceof Stopped)) onError(error);
        })
        .finally(() => {
          if (!this.#patience.isStopped) this.start();
        });
    });
  }

  /** Hands the matches over, or lets their guests be missed. */
  async stop(handoverMs = HANDOVER_MS): Promise<void> {
    const { home, clock } = this.deps;
    this.#cancel();
    this.#patience.stop();
    const relays = [...this.#relays];
    if (relays.length > 0) {
      const guestIds = relays.map((relay) => relay.home.guestId);
      await home.guests.handOver({ guestIds }).catch(() => undefined);
      const patience = new Promise<void>((resolve) => {
        clock.after(handoverMs, resolve);
      });
      await Promise.race([Promise.all(relays.map(({ over }) => over)), patience]);
    }
    for (const relay of relays) relay.stop();
  }

  async step(): Promise<void> {
    await this.#takeStrays();
    const open = await this.#inhabited();
    if (open.length === 0) return;
    const { home, afterMs } = this.deps;
    const nowMs = home.clock.nowMs();
    const request = { waitedMs: afterMs, untilMs: nowMs + LEASE_MS, limit: AT_ONCE, nowMs };
    const reservations = await home.guests.reserve(request);
    await Promise.all(reservations.map((reservation) => this.#offer(reservation, open)));
  }

  /** The neighbours where somebody waits, a different one first each time. */
  async #inhabited(): Promise<Neighbour[]> {
    const found: Neighbour[] = [];
    for (const neighbour of this.deps.neighbours) {
      if (!neighbour.isReady() || this.deps.clock.nowMs() < (this.#pausedUntilMs.get(neighbour) ?? -Infinity)) continue;
      const counts = await this.#ask(neighbour, () => neighbour.lobby.count());
      if (counts !== undefined && counts.waiting > 0) found.push(neighbour);
    }
    const first = found.length === 0 ? 0 : this.#turn++ % found.length;
    return [...found.slice(first), ...found.slice(0, first)];
  }

  /** Asks a neighbour once. One that does not answer is left alone for a while. */
  async #ask<T>(neighbour: Neighbour, question: () => Promise<T>): Promise<T | undefined> {
    try {
      return await question();
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      this.#pausedUntilMs.set(neighbour, this.deps.clock.nowMs() + PAUSE_MS);
      return undefined;
    }
  }

  /** Asks neighbours less often in which nobody fits. */
  #note(neighbour: Neighbour, isHit: boolean): void {
    const misses = isHit ? 0 : (this.#misses.get(neighbour) ?? 0) + 1;
    this.#misses.set(neighbour, misses);
    if (isHit) return;
    const pauseMs = Math.min(MISS_MS * 2 ** Math.floor(misses / AT_ONCE), MAX_MISS_MS);
    this.#pausedUntilMs.set(neighbour, this.deps.clock.nowMs() + pauseMs);
  }

  async #offer(reservation: Reservation, neighbours: readonly Neighbour[]): Promise<void> {
    const { home, clock, meter } = this.deps;
    const { matchId, traveller } = reservation;
    const untilMs = clock.nowMs() + ASKING_MS;
    let isAnswered = true;
    for (const neighbour of neighbours) {
      if (clock.nowMs() >= untilMs) break;
      const hosted = await this.#visit(neighbour, reservation);
      isAnswered = hosted !== undefined;
      if (hosted === undefined) break; // it may be paired there: nobody else is asked in this step
      if (hosted.state === "hosted") {
        await this.#meet(reservation, neighbour, hosted);
        return;
      }
    }
    const { sessionId } = traveller;
    if (isAnswered) meter.visited("nobody");
    await home.guests.release({ sessionId, matchId, nowMs: home.clock.nowMs() });
  }

  /** Undefined if the neighbour did not answer; whatever it did is undone as soon as it does. */
  async #visit(
    neighbour: Neighbour,
    { matchId, traveller }: Reservation,
  ): Promise<Hosted | { state: "nobody" } | undefined> {
    const { home, random } = this.deps;
    const visitor = { guestId: guestId(traveller.sessionId, home.name), epoch: random.id() as Epoch };
    const visit = { ...visitor, traveller, nowMs: neighbour.clock.nowMs() };
    const answer = await this.#ask(neighbour, () => neighbour.guests.visit(visit));
    if (answer !== undefined) this.#note(neighbour, answer.state === "hosted");
    if (answer === undefined) {
      this.deps.meter.visited("away");
      this.#undo(neighbour, { guestId: visitor.guestId, matchId, cause: "unresponsive", initiator: "offerer" });
    }
    return answer;
  }

  /** Completes a match that the neighbour began. */
  async #meet({ matchId, traveller }: Reservation, neighbour: Neighbour, hosted: Hosted): Promise<void> {
    const { home, random, meter } = this.deps;
    const { sessionId } = traveller;
    const visitor = guestId(sessionId, home.name);
    const host = guestId(hosted.partner.sessionId, neighbour.name);
    const other = { realm: neighbour.name, guestId: visitor };
    const epoch = random.id() as Epoch;
    const received = await this.#patience.until(() => {
      const nowMs = home.clock.nowMs();
      return home.guests.receive({ sessionId, matchId, guestId: host, traveller: hosted.partner, epoch, other, nowMs });
    });
    meter.visited(received.state === "staying" ? "matched" : "lapsed");
    if (received.state === "lapsed") {
      this.#undo(neighbour, { guestId: visitor, matchId, cause: "unresponsive", initiator: "offerer" });
    } else {
      this.#relay(new Half(home, host, matchId, received), new Half(neighbour, visitor, matchId, hosted.stay));
    }
  }

  /** Ends what a realm may have begun, as soon as it answers. */
  #undo({ guests, clock }: Realm, departure: Omit<Departure, "nowMs">): void {
    this.#patience
      .until(() => guests.depart({ ...departure, nowMs: clock.nowMs() }))
      .catch((error: unknown) => {
        if (!(error instanceof Stopped)) this.deps.onError(error);
      });
  }

  #relay(home: Half, abroad: Half): void {
    const relay = new MatchRelay(home, abroad, this.deps);
    this.#relays.add(relay);
    relay.over
      .then((outcome) => {
        if (outcome === "ended") this.deps.meter.visited("ended");
      })
      .finally(() => {
        this.#relays.delete(relay);
      })
      .catch(this.deps.onError);
  }

  /** Takes over matches whose instance has crashed or stopped. */
  async #takeStrays(): Promise<void> {
    const { home, neighbours } = this.deps;
    const nowMs = home.clock.nowMs();
    for (const stray of await home.guests.strays({ limit: AT_ONCE, untilMs: nowMs + CLAIM_MS, nowMs })) {
      const neighbour = neighbours.find(({ name }) => name === stray.other.realm);
      if (neighbour?.isReady() === true) await this.#takeOver(stray, neighbour);
    }
  }

  async #takeOver({ guestId: host, matchId, other }: Stray, neighbour: Neighbour): Promise<void> {
    const { home } = this.deps;
    const taken = { guestId: other.guestId, matchId, nowMs: neighbour.clock.nowMs() };
    const abroad = await this.#ask(neighbour, () => neighbour.guests.takeOver(taken));
    if (abroad === undefined) return;
    const nowMs = home.clock.nowMs();
    if (abroad.state === "unknown") {
      await home.guests.depart({ guestId: host, matchId, cause: "lost", initiator: "answerer", nowMs });
      return;
    }
    const stay = await home.guests.takeOver({ guestId: host, matchId, nowMs });
    if (stay.state === "unknown") {
      this.#undo(home, { guestId: host, matchId, cause: "lost", initiator: "answerer" });
      this.#undo(neighbour, { guestId: other.guestId, matchId, cause: "lost", initiator: "offerer" });
      return;
    }
    this.#relay(new Half(home, host, matchId, stay), new Half(neighbour, other.guestId, matchId, abroad));
  }
}
