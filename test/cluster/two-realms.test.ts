import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { candidate, roomy, uniqueInterest } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
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
    for (const index of realms.eu.instances.keys()) {
      await eventually("it joins", async () => (await metric(realms.eu, index, "satoshigle_neighbour_ready")) === 1);
    }
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

  it("keep a match when the instance that relays it is killed", async () => {
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
});
