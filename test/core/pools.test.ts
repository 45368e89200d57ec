import fc from "fast-check";
import { expect, it } from "vitest";
import type { SessionId, TicketId } from "../../src/core/ids.js";
import { limits } from "../../src/core/limits.js";
import { defaultSchema, type MatchingSchema } from "../../src/core/matching-schema.js";
import { cross, poolCount, seekMarks, seekPools, waitMarks, waitPools } from "../../src/core/pools.js";
import { fold } from "../../src/core/spelling.js";
import { issueTicket, type MatchPreferences, stageAt, type Ticket } from "../../src/core/ticket.js";
import { Fitting } from "../model/fitting.js";
import { schemas, ticketFor, type Wish, wishIn } from "../model/wishes.js";

const usual = defaultSchema(5_000);

function ticketOf(wish: Wish, schema: MatchingSchema = usual): Ticket {
  return issueTicket("t" as TicketId, "s" as SessionId, wish, 0, schema, wish);
}

/** The pools of a ticket that has waited for some time. */
function poolsAt(ticket: Ticket, nowMs: number) {
  const stage = stageAt(ticket, nowMs);
  const tiers = Array.from({ length: stage + 1 }, (_, tier) => tier);
  return { waitIn: waitPools(ticket, stage), seekIn: tiers.map((tier) => seekPools(ticket, tier)) };
}

const wishFor = (interests: string[], languages: string[] = []): MatchPreferences => ({
  preferences: { interests, languages, relayOnly: false },
  rematch: false,
});

const waits = fc.constantFrom(0, 2_400, 4_799, 4_800, 9_599, 9_600);
const twoIn = (schema: MatchingSchema) => fc.tuple(fc.constant(schema), wishIn(schema), waits, wishIn(schema), waits);

it.each(Object.entries(schemas))("lets one find another exactly if the two fit, by the %s schema", (_, schema) => {
  fc.assert(
    fc.property(schema.chain(twoIn), ([one, seekerWish, seekerMs, waiterWish, waiterMs]) => {
      const ticket = (wish: Wish) => ticketFor("t" as TicketId, "s" as SessionId, wish, 0, one);
      const [seeker, waiter] = [ticket(seekerWish), ticket(waiterWish)];
      fc.pre(seeker !== undefined && waiter !== undefined);
      const nowMs = 10_000;
      const [a, b] = [
        { ...seeker, softSinceMs: nowMs - seekerMs },
        { ...waiter, softSinceMs: nowMs - waiterMs },
      ];
      const { waitIn } = poolsAt(b, nowMs);
      const tier = poolsAt(a, nowMs).seekIn.findIndex((pools) => pools.some((key) => waitIn.includes(key)));
      expect(tier).toBe(new Fitting(one).tier(a, b, nowMs) ?? -1);
    }),
    { numRuns: 3_000 },
  );
});

const many = wishFor(
  Array.from({ length: 10 }, (_, index) => `interest ${String(index)}`),
  ["de", "en", "es", "fr", "it"],
);

it("bounds the number of pools for all preferences", () => {
  const { waitIn, seekIn } = poolsAt(ticketOf(many), 5_000);
  expect(waitIn.length).toBe(limits.poolsOfTicket);
  expect(seekIn.flat().length).toBe(limits.poolsOfTicket);
});

it.each(Object.entries(schemas))("counts the pools that a ticket has, by the %s schema", (_, schema) => {
  const wishes = schema.chain((one) => fc.tuple(fc.constant(one), wishIn(one)));
  fc.assert(
    fc.property(wishes, ([one, wish]) => {
      const ticket = ticketFor("t" as TicketId, "s" as SessionId, wish, 0, one);
      fc.pre(ticket !== undefined);
      for (let stage = 0; stage <= ticket.soft.length; stage++) {
        expect(poolCount(ticket, stage, "wait")).toBe(cross(waitMarks(ticket, stage)).length);
        expect(poolCount(ticket, stage, "seek")).toBe(cross(seekMarks(ticket, stage)).length);
      }
    }),
    { numRuns: 1_000 },
  );
});

it("searches by shared interest before any partner", () => {
  const ticket = ticketOf(wishFor(["chess"]));
  expect(poolsAt(ticket, 0).seekIn).toEqual([["interests=chess"]]);
  expect(poolsAt(ticket, 5_000).seekIn).toEqual([["interests=chess"], ["*"]]);
});

const interestsOf = (...interests: string[]) => ticketOf(wishFor(interests)).shared.flatMap(([, values]) => values);

it.each(["*", "|", "a|languages=de", "a\\", "+", "-", ">"])(
  "does not confuse the interest %s with other pools",
  (odd) => {
    const other = [wishFor([]), wishFor(["a"]), wishFor(["a"], ["de"]), wishFor([], ["de"])];
    const { waitIn } = poolsAt(ticketOf(wishFor([odd])), 0);
    const { seekIn } = poolsAt(ticketOf(wishFor([odd], ["de"])), 0);
    for (const wish of other) {
      expect(waitIn.filter((key) => poolsAt(ticketOf(wish), 0).seekIn.flat().includes(key))).toEqual([]);
      expect(seekIn.flat().filter((key) => poolsAt(ticketOf(wish), 0).waitIn.includes(key))).toEqual([]);
    }
  },
);

it("treats interests that differ in case or spaces as one", () => {
  expect(interestsOf(" Chess", "chess", "CHESS ")).toEqual(["chess"]);
});

it.each([
  ["composed and decomposed", "caf\u00e9", "cafe\u0301"],
  ["wide and narrow", "ＪＡＺＺ", "jazz"],
  ["with and without zero-width characters", "ja\u200bzz\ufeff", "jazz"],
  ["with one space and with several", "board\u3000\u00a0games", "board games"],
  ["ligature and letters", "\ufb01lms", "films"],
])("treats interests %s as one", (_, one, other) => {
  expect(interestsOf(one, other)).toEqual([other.normalize("NFC")]);
});

it("keeps joiners and selectors, which change what is seen", () => {
  expect(interestsOf("👨‍👩‍👧", "👨👩👧", "می‌خواهم", "میخواهم")).toHaveLength(4);
});

it("drops interests of which nothing can be seen", () => {
  expect(interestsOf("\u200b", "\u3164", "\u2800", " \u200d")).toEqual([]);
});

it("bounds an interest whose characters expand", () => {
  const [interest = ""] = interestsOf("\ufdfa".repeat(32));
  expect([interest.length > 16, Array.from(interest).length <= 32]).toEqual([true, true]);
});

it("folds nothing the second time", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 20 }), (text) => {
      expect(fold(fold(text))).toBe(fold(text));
    }),
    { numRuns: 300 },
  );
});
