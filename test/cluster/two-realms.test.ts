import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createClient } from "@connectrpc/connect";
import { ModerationService } from "../../gen/satoshigle/internal/v1/moderation_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { candidate, pair, roomy, uniqueInterest } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { Fleet } from "./support/fleet.js";
import { eventually } from "./support/settle.js";

const overflow = { ...roomy, OVERFLOW_AFTER_MS: "1000", HEARTBEAT_INTERVAL_MS: "15000" };
/** How long the matches of a killed instance may be without one, twice as long as a lease lasts, in milliseconds. */
const PATIENCE_MS = 30_000;

/** The realms `eu`, of several instances that overflow, and `us`, of one that does not. */
interface Realms {
  eu: Fleet;
  us: Fleet;
  /** The instance of `eu` at which a client of `eu`, and that at which one of `us` is. */
  transports(index?: number): { home: ReturnType<Fleet["transport"]>; abroad: ReturnType<Fleet["transport"]> };
  close(): Promise<void>;
}

async function onTwoServers(): Promise<Realms> {
  const us = await Fleet.start({ instances: 1, variables: { ...roomy, REALM: "us", HEARTBEAT_INTERVAL_MS: "15000" } });
  const variables = {
    ...overflow,
    REALM: "eu",
    SESSION_SECRET: "a secret that only the instances of eu know, all of them",
  };
  const eu = await Fleet.start({ instances: 3, variables: { ...variables, NEIGHBOUR_REALMS: `us=${us.redis.url}` } });
  for (const index of eu.instances.keys()) {
    await eventually("it joins", async () => (await metric(eu, index, "satoshigle_neighbour_ready")) === 1);
  }
  return {
    eu,
    us,
    transports: (index = 0) => ({ home: eu.transport(index), abroad: us.transport(0) }),
    close: async () => {
      await eu.close();
      await us.close();
    },
  };
}

function moderationOf(fleet: Fleet) {
  return createClient(ModerationService, transportTo(fleet.internalUrl(0)));
}

/** The values of a metric on an instance. */
async function metric(fleet: Fleet, index: number, name: string): Promise<number | undefined> {
  const text = await (await fetch(`${fleet.internalUrl(index)}/metrics`)).text();
  const value = new RegExp(`^${name}(?:{[^}]*})? (.+)$`, "m").exec(text)?.[1];
  return value === undefined ? undefined : Number(value);
}

/** Two people of two realms, who have met. */
async function meet(realms: Realms, index = 0) {
  const { home, abroad } = realms.transports(index);
  const [ann, bob] = await Promise.all([TestClient.open(home), TestClient.open(abroad)]);
  const request = { preferences: { interests: [uniqueInterest()] } };
  await bob.match(request);
  await ann.match(request);
  const [matched, theirs] = await Promise.all([ann.until("matched", PATIENCE_MS), bob.until("matched", PATIENCE_MS)]);
  expect(theirs.matchId).toBe(matched.matchId);
  return { ann, bob, matchId: matched.matchId };
}

describe("two realms on two Redis servers", () => {
  let realms: Realms;

  beforeAll(async () => {
    realms = await onTwoServers();
  });
  afterAll(() => realms.close());

  it("exchange signals between people who have waited, whichever instances they call", async () => {
    const { ann, bob, matchId } = await meet(realms);
    for (let sequence = 1; sequence <= 3; sequence++) {
      const elsewhere = await TestClient.open(realms.eu.transport(sequence % 3), {});
      await ann.send({ matchId, clientSequence: sequence, signals: [candidate(sequence)] });
      expect(await bob.until("signalReceived")).toMatchObject({ signals: [candidate(sequence)] });
      await bob.send({ matchId, clientSequence: sequence, signals: [candidate(sequence)] });
      expect(await ann.until("signalReceived")).toMatchObject({ signals: [candidate(sequence)] });
      await elsewhere.break();
    }
    await bob.leave();
    expect(await ann.until("matchEnded")).toMatchObject({ matchId });
    await Promise.all([ann.break(), bob.break()]);
  });

  it("have reports about a guest in the realm of its person too", async () => {
    const { ann, bob, matchId } = await meet(realms, 2);
    await ann.report({ matchId, reason: ReportReason.SPAM, comment: "an advert" });
    expect(await bob.until("matchEnded")).toMatchObject({ matchId });
    for (const [fleet, reporter] of [
      [realms.eu, ann.welcome.sessionId],
      [realms.us, `${ann.welcome.sessionId}@eu`],
    ] as const) {
      await eventually("it is filed", async () => {
        const { reports } = await moderationOf(fleet).listReports({});
        return reports.some(
          (one) => one.matchId === matchId && one.reporterId === reporter && one.comment === "an advert",
        );
      });
    }
    await Promise.all([ann.break(), bob.break()]);
  });

  it("do not disturb each other while the Redis of one is frozen, and go on afterwards", async () => {
    const { ann, bob, matchId } = await meet(realms, 0);
    realms.us.redis.signal("SIGSTOP");
    try {
      await eventually("it is noticed", async () => (await metric(realms.eu, 0, "satoshigle_neighbour_ready")) === 0);
      expect(await realms.eu.isReady(0)).toBe(true);
      const { answerer, offerer, matchId: local } = await pair(realms.eu.transport(0));
      const startMs = performance.now();
      await offerer.send({ matchId: local, clientSequence: 1, signals: [candidate(1)] });
      await answerer.until("signalReceived");
      expect(performance.now() - startMs).toBeLessThan(1_000);
      await ann.send({ matchId, clientSequence: 1, signals: [candidate(7)] });
      await Promise.all([answerer.break(), offerer.break()]);
    } finally {
      realms.us.redis.signal("SIGCONT");
    }
    expect(await bob.until("signalReceived", PATIENCE_MS)).toMatchObject({ matchId, signals: [candidate(7)] });
    await eventually("it is ready again", async () => (await metric(realms.eu, 0, "satoshigle_neighbour_ready")) === 1);
    const told = realms.eu.instance(0).output.split("no one meets people of the neighbour realm us").length - 1;
    expect(told, "times that it was logged").toBe(1);
    await Promise.all([ann.break(), bob.break()]);
  });
});

it("lets people of realms on different primaries of a Cluster meet, and never two from afar at once", async () => {
  const only = [
    { REALM: "eu", NEIGHBOUR_REALMS: "us" },
    { REALM: "us", NEIGHBOUR_REALMS: "eu" },
  ];
  const fleet = await Fleet.startOnCluster({ instances: 2, replicas: 0, variables: overflow, only });
  onTestFinished(() => fleet.close());
  const [home, abroad] = await Promise.all(["eu", "us"].map((name) => fleet.cluster.ownerOf(`satoshigle:{${name}}`)));
  expect(home).not.toBe(abroad);
  const people = await Promise.all([0, 1, 0, 1].map((index) => TestClient.open(fleet.transport(index))));
  const interests = [uniqueInterest(), uniqueInterest()];
  for (const [index, person] of people.entries()) {
    await person.match({ preferences: { interests: interests.slice(index >> 1, (index >> 1) + 1) } });
  }
  const matched = await Promise.all(people.map((person) => person.until("matched", PATIENCE_MS)));
  expect(matched[0]?.matchId).toBe(matched[1]?.matchId);
  expect(matched[2]?.matchId).toBe(matched[3]?.matchId);
  const [ann, bob] = people;
  const matchId = matched[0]?.matchId ?? "";
  await ann?.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
  expect(await bob?.until("signalReceived")).toMatchObject({ signals: [candidate(1)] });
  for (const person of people) await person.break();
});

it("keeps the match of two people of two realms when the instance that relays it is killed", async () => {
  const realms = await onTwoServers();
  onTestFinished(() => realms.close());
  const { ann, bob, matchId } = await meet(realms, 1);
  const counts = await Promise.all([0, 1, 2].map((index) => metric(realms.eu, index, "satoshigle_relayed_matches")));
  const relaying = counts.indexOf(1);
  await realms.eu.instance(relaying).stop("SIGKILL");
  const resumed = relaying === 1 ? await TestClient.open(realms.eu.transport(0), ann.resume) : ann;
  await resumed.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
  expect(await bob.until("signalReceived", PATIENCE_MS)).toMatchObject({ matchId, signals: [candidate(1)] });
  await bob.send({ matchId, clientSequence: 1, signals: [candidate(2)] });
  expect(await resumed.until("signalReceived", PATIENCE_MS)).toMatchObject({ matchId, signals: [candidate(2)] });
  await resumed.leave();
  expect(await bob.until("matchEnded")).toMatchObject({ matchId });
  await Promise.all([resumed.break(), bob.break()]);
});
