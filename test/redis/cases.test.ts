import { afterAll, beforeAll, expect, it } from "vitest";
import { Cases } from "../../src/app/cases.js";
import type { Moderator } from "../../src/core/case.js";
import type { MatchId, NetworkKey, SessionId } from "../../src/core/ids.js";
import { nothingAnswered } from "../support/no-answers.js";
import { RedisServer } from "../support/redis.js";
import { redisFixture } from "../support/store-fixture.js";
import { Redis } from "ioredis";
import { systemClock } from "../../src/adapters/node/clock.js";

let redis: RedisServer;
let admin: Redis;
beforeAll(async () => {
  redis = await RedisServer.start();
  admin = new Redis(redis.url);
});
afterAll(async () => {
  admin.disconnect();
  await redis.close();
});

const rules = { afterReports: 0, durationMs: 60_000 };
const NOW_MS = 1_800_000_000_000;

function reportAbout(reported: string, index: number, reason: "spam" | "minor" = "spam") {
  return {
    reporterId: `session-${String(index)}` as SessionId,
    reporterKey: `reporter-${String(index)}` as NetworkKey,
    reportedKey: reported as NetworkKey,
    matchId: `match-${String(index)}` as MatchId,
    ...{ bothHeard: true, reason, comment: "", matchStartMs: NOW_MS, createdMs: NOW_MS },
  };
}

/** The commands that Redis runs, including those of scripts. */
async function commands(): Promise<number> {
  const stats = await admin.info("commandstats");
  return [...stats.matchAll(/:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

async function commandsOf(act: () => Promise<unknown>): Promise<number> {
  const before = await commands();
  await act();
  return (await commands()) - before - 1;
}

it("gives a case to one of the moderators who race for it on two instances", async () => {
  const fixture = redisFixture([redis.url]);
  const [one, other] = [await fixture.open(), await fixture.open()];
  for (let index = 0; index < 20; index++) {
    await one.records.addReport(reportAbout(`reported-${String(index)}`, index), rules);
    const [found] = await one.cases.casesIn("unresolved", undefined, 1);
    if (found === undefined) throw new Error("there is no case");
    const claims = [one, other].flatMap(({ cases }, instance) =>
      [1, 2, 3].map((which) => {
        const by = `moderator-${String(instance)}-${String(which)}` as Moderator;
        return cases.actOn(found.number, { type: "claim", by, atMs: NOW_MS });
      }),
    );
    const answers = await Promise.all(claims);
    const winners = answers.flatMap((answer) => (answer.state === "done" ? [answer.case.lease?.by] : []));
    expect(winners).toHaveLength(1);
    const { case: stored } = (await other.cases.getCase(found.number)) ?? {};
    expect([stored?.lease?.by]).toEqual(winners);
    await one.cases.actOn(found.number, { type: "release", by: winners[0] ?? ("nobody" as Moderator), atMs: NOW_MS });
    await one.cases.actOn(found.number, { type: "claim", by: "ann" as Moderator, atMs: NOW_MS });
    const ending = { type: "resolve", outcome: "warned", text: "" } as const;
    await one.cases.actOn(found.number, { ...ending, by: "ann" as Moderator, atMs: NOW_MS });
  }
  await Promise.all([one.close(), other.close()]);
});

it("visits no more for the first page of 1,000 cases with 5,000 reports than for that of 100", async () => {
  const stores = await redisFixture([redis.url]).open();
  const cases = new Cases(stores.cases, systemClock, { subjectsOf: () => Promise.resolve(new Map()) }, nothingAnswered);
  const add = async (from: number, to: number, of: number) => {
    for (let start = from; start < to; start += 50) {
      const batch = Array.from({ length: Math.min(50, to - start) }, (_, index) => start + index);
      await Promise.all(
        batch.map((index) => stores.records.addReport(reportAbout(`reported-${String(index % of)}`, index), rules)),
      );
    }
  };
  await add(0, 1_000, 100);
  const few = await commandsOf(() => cases.list({}, 50));
  const reportAmongFew = await commandsOf(() => add(200_000, 200_001, 100));
  await add(1_000, 5_000, 1_000);
  expect(await commandsOf(() => cases.list({}, 50))).toBe(few);
  expect(few).toBeLessThan(60);
  expect(await commandsOf(() => add(200_001, 200_002, 100))).toBeLessThanOrEqual(reportAmongFew);
  const spent = await commandsOf(() => cases.list({ state: "in_review" }, 50));
  expect(spent).toBeLessThan(10);
  expect(await commandsOf(() => cases.list({ moderator: "ann" as Moderator, reason: "minor" }, 50))).toBeLessThan(10);
  await stores.close();
});
