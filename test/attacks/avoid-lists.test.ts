import { createConnectTransport } from "@connectrpc/connect-node";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { limits } from "../../src/core/limits.js";
import { uniqueInterest } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { Bystanders } from "./support/bystander.js";
import { expected } from "./support/kind.js";
import { report, Target } from "./support/target.js";

/** Sessions that have reported each other. An even number, so that all can be paired in rounds. */
const SESSIONS = Number(process.env.AVOIDERS ?? 32);
const ROUNDS = SESSIONS - 1;
/** Slightly more often than a waiter is reconsidered. */
const REVISITED_MS = 12_000;
const CALLS = 10;

const agent = new http.Agent({ keepAlive: true });
let target: Target;
beforeAll(async () => {
  target = await Target.start({
    MAX_CONNECTIONS_PER_IP: "10000",
    RATE_LIMIT_MAX_REQUESTS: "1000000",
    WIDEN_AFTER_MS: "600000",
    BAN_AFTER_REPORTS: "0",
  });
});
afterAll(async () => {
  agent.destroy();
  await target.close();
});

/** Each client has its own network, so that no limit per network applies. */
function arrive(count: number): Promise<TestClient[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) => {
      const nodeOptions = { localAddress: `127.10.${String(index)}.1`, agent };
      return TestClient.open(createConnectTransport({ baseUrl: target.url, httpVersion: "1.1", nodeOptions }));
    }),
  );
}

async function partForGood(one: TestClient, other: TestClient): Promise<void> {
  const request = { preferences: { interests: [uniqueInterest()] } };
  await one.match(request);
  await other.match(request);
  const [{ matchId }] = await Promise.all([one.until("matched"), other.until("matched")]);
  await one.report({ matchId, reason: ReportReason.SPAM });
}

/** Each session is matched with each other one and reports it, in rounds (the circle method). */
async function partAll(people: readonly TestClient[]): Promise<void> {
  const at = (place: number): TestClient => {
    const person = people[place];
    if (person === undefined) throw new Error("a client is missing");
    return person;
  };
  for (let round = 0; round < ROUNDS; round++) {
    await Promise.all(
      Array.from({ length: SESSIONS / 2 }, (_, index) => {
        const other = index === 0 ? SESSIONS - 1 : (ROUNDS + round - index) % ROUNDS;
        return partForGood(at((round + index) % ROUNDS), at(other));
      }),
    );
  }
}

const words = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}-${String(index)}`);
const broad = { preferences: { interests: words("common", 10), languages: ["en", "de", "fr", "es", "it"] } };
/** As many pools, all empty. */
const alone = { preferences: { interests: words("alone", 10), languages: ["aa", "ab", "ae", "af", "ak"] } };

/** The number of pools with the broad preferences: one for each interest and language. */
const POOLS = broad.preferences.interests.length * broad.preferences.languages.length;
const places = { what: "places passed", least: limits.searchPlaces, most: limits.searchPlaces + POOLS };
/** The limit of a search before it pauses. Without the pause it would cost twice as much. */
const bounds = expected({ memory: places, redis: { what: "commands", least: 100, most: 230 }, haproxy: places });

/** The cost of all searches so far: queue entries visited, or commands executed by Redis. */
const spent = expected({
  memory: () => target.places(),
  redis: () => target.keyspace.commands(),
  haproxy: () => target.places(),
});

/** The minimum cost of a Match and its Leave, of many measurements, as other work adds to some of them. */
async function cost(person: TestClient, wish: typeof broad): Promise<number> {
  let least = Infinity;
  for (let call = 0; call < CALLS; call++) {
    const before = await spent();
    await person.match(wish);
    await person.leave();
    least = Math.min(least, (await spent()) - before);
  }
  return least;
}

it("many sessions that reported each other do not make matches expensive or waits long", async () => {
  const bystanders = await Bystanders.arrive(target);
  const people = await arrive(SESSIONS);
  const [seeker] = people;
  if (seeker === undefined) throw new Error("a client is missing");
  const aloneCost = await cost(seeker, alone);
  const quiet = await bystanders.during(sleep(2_000));
  await partAll(people);
  for (const person of people) await person.match(broad);
  await seeker.leave();
  const avoidingCost = await cost(seeker, broad);
  await seeker.match(broad);
  const revisited = await bystanders.during(sleep(REVISITED_MS));
  report(`${String(SESSIONS)} sessions that reported each other`, {
    [`${bounds.what} for a match among them`]: avoidingCost,
    "for one in as many empty pools": aloneCost,
    "a bystander's worst call in ms": revisited.worstMs,
    median: revisited.medianMs,
    "in a quiet time": quiet.worstMs,
    "quiet median": quiet.medianMs,
  });
  expect(avoidingCost - aloneCost, bounds.what).toBeGreaterThanOrEqual(bounds.least);
  expect(avoidingCost - aloneCost, bounds.what).toBeLessThanOrEqual(bounds.most);
  expect(revisited.medianMs).toBeLessThan(Math.max(100, 10 * quiet.medianMs));
  expect(revisited.worstMs, "in milliseconds, on a busy machine").toBeLessThan(1_000);
  expect((await target.figures()).troubles).toEqual([]);
});
