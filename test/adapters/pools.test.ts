import fc from "fast-check";
import { expect, it, vi } from "vitest";
import { Pools } from "../../src/adapters/memory/pools.js";
import { Queue } from "../../src/adapters/memory/queue.js";
import type { Session, Waiter } from "../../src/adapters/memory/state.js";
import type { SessionId, TicketId } from "../../src/core/ids.js";
import { seekPools, waitPools } from "../../src/core/pools.js";
import type { MatchingSchema } from "../../src/core/matching-schema.js";
import { issueTicket, type MatchPreferences } from "../../src/core/ticket.js";
import { attributeSchema, counterparts } from "../bench/attributes.js";

/** Two attributes with few values, so that many wait in the same pools. */
const schema: MatchingSchema = {
  ...attributeSchema,
  attributes: attributeSchema.attributes.filter(({ name }) => name === "gender" || name === "level"),
};

function waiterFor(wish: MatchPreferences, place: number, by = schema): Waiter {
  return {
    ...{ kind: "waiter", session: {} as Session, round: 0, place, stage: 0, line: undefined, index: 0 },
    ticket: issueTicket("t" as TicketId, "s" as SessionId, wish, 0, by),
    search: { tier: 0, after: undefined },
    ...{ recentUntilMs: undefined, fittingCount: 0, searchAtMs: 0, sentWait: undefined, reservedFor: undefined },
  };
}

const gender = fc.subarray(["f", "m"], { maxLength: 1 });
const level = fc.subarray(["high", "low"], { maxLength: 1 });
const said = fc.record({ gender, level });
const wish = fc.record({ is: said, seeks: said }).map(({ is, seeks }): MatchPreferences => {
  const preferences = { interests: [], languages: [], relayOnly: false };
  return { preferences, rematch: false, attributes: Object.entries(is), filters: Object.entries(seeks) };
});

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("add"), wish, place: fc.integer({ min: 0, max: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("remove"), which: fc.nat(), from: fc.constantFrom(0, 1) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("search"), visits: fc.integer({ min: 1, max: 3 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Pools with a search that admits no one, and what it has to visit. */
class Search {
  readonly #pools = new Pools();
  readonly #seeker: Waiter;
  #present: Waiter[] = [];
  #after = -Infinity;

  constructor(seeks: MatchPreferences) {
    this.#seeker = waiterFor(seeks, 1_000);
  }

  take(next: Step): void {
    if ("wish" in next) this.#add(waiterFor(next.wish, next.place));
    else if ("which" in next) this.#remove(next.which);
    else this.#search(next.visits);
  }

  #add(waiter: Waiter): void {
    this.#pools.add(waiter);
    this.#present.push(waiter);
    this.#present.sort((a, b) => a.place - b.place);
    expect(new Set(this.#present.map(({ place }) => place)).size).toBe(this.#present.length);
  }

  #remove(which: number): void {
    const waiter = this.#present[which % this.#present.length];
    if (waiter === undefined) return;
    this.#pools.remove(waiter);
    this.#present = this.#present.filter((one) => one !== waiter);
    expect(this.#pools.size).toBe(this.#present.length);
  }

  /** The search visits whom a scan of all finds, in the order of their places, and counts the pools that they share. */
  #search(visits: number): void {
    this.#seeker.search ??= { tier: 0, after: undefined };
    if (this.#seeker.search.after === undefined) this.#after = -Infinity;
    const sought = seekPools(this.#seeker.ticket, 0);
    const shared = ({ ticket }: Waiter) => waitPools(ticket, 0).filter((key) => sought.includes(key)).length;
    const expected = this.#present.filter((one) => one.place > this.#after && shared(one) > 0).slice(0, visits);
    const visited: Waiter[] = [];
    const { places } = this.#pools.find(this.#seeker, { visits, places: Infinity }, (one) => {
      visited.push(one);
      return false;
    });
    expect(visited).toEqual(expected);
    expect(places).toBe(expected.reduce((sum, one) => sum + shared(one), 0));
    this.#after = visited.at(-1)?.place ?? -Infinity;
  }
}

it("visits the same as a scan of all, in the order of their places, while others come and go", () => {
  fc.assert(
    fc.property(wish, fc.array(step, { minLength: 10, maxLength: 80, size: "max" }), (seeks, steps) => {
      const search = new Search(seeks);
      for (const one of steps) search.take(one);
    }),
    { numRuns: 1_500 },
  );
});

it("touches one queue for a person who waits behind another with the same wish", () => {
  const pools = new Pools();
  const [first, second] = [1, 2].map((place) => waiterFor(counterparts(0).waits, place, attributeSchema));
  if (first === undefined || second === undefined) throw new Error("a waiter is missing");
  const touches = [vi.spyOn(Queue.prototype, "add"), vi.spyOn(Queue.prototype, "delete")];
  const count = (act: () => void) => {
    for (const touch of touches) touch.mockClear();
    act();
    return touches.map(({ mock }) => mock.calls.length);
  };
  const places = waitPools(first.ticket, 0).length;
  expect(places).toBeGreaterThanOrEqual(32);
  expect(count(() => pools.add(first))).toEqual([places + 1, 0]);
  expect(count(() => pools.add(second))).toEqual([1, 0]);
  expect(count(() => pools.remove(second))).toEqual([0, 1]);
  expect(count(() => pools.remove(first))).toEqual([0, places + 1]);
});

/** Places that searches pass and queues that are touched, per match, in a crowd of a size. */
function costIn(size: number): { places: number; touches: number } {
  const pools = new Pools();
  const waiting = Array.from({ length: size }, (_, index) =>
    waiterFor(counterparts(index).waits, index, attributeSchema),
  );
  for (const waiter of waiting) pools.add(waiter);
  const touches = [vi.spyOn(Queue.prototype, "add"), vi.spyOn(Queue.prototype, "delete")];
  for (const touch of touches) touch.mockClear();
  const matches = 500;
  let passed = 0;
  for (let index = 0; index < matches; index++) {
    const { places, found } = pools.find(
      waiterFor(counterparts(index).seeks, size + index, attributeSchema),
      { visits: 64, places: 512 },
      () => true,
    );
    passed += places;
    expect(found).toBe(waiting[index]);
    if (found !== undefined) pools.remove(found);
    pools.add(waiterFor(counterparts(size + index).waits, size + index, attributeSchema));
  }
  const touched = touches.reduce((sum, { mock }) => sum + mock.calls.length, 0);
  return { places: passed / matches, touches: touched / matches };
}

it("does not do more for a match in a large crowd than in a small one", () => {
  const [small, large] = [costIn(1_000), costIn(10_000)];
  expect(large.places).toBe(small.places);
  expect(large.touches / small.touches).toBeLessThan(1.05);
});
