import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MatchEnded_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { candidate, uniqueInterest } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { Crowd } from "./support/crowd.js";
import { type Endpoint, Endpoints } from "./support/endpoints.js";
import { Fleet } from "./support/fleet.js";
import { LoadBalancer } from "./support/load-balancer.js";
import { eventually, settle } from "./support/settle.js";

let fleet: Fleet;
let loadBalancer: LoadBalancer;

beforeAll(async () => {
  fleet = await Fleet.start();
  loadBalancer = await LoadBalancer.start(fleet.urls);
});
afterAll(async () => {
  await loadBalancer.close();
  await fleet.close();
});

it("serves calls on any instance while streams break and resume on others: 200 clients lose no event", async () => {
  await fleet.command((client) => client.flushall());
  const crowd = await Crowd.enter(200, fleet.urls, [loadBalancer.url]);
  try {
    crowd.roam();
    await eventually("all clients have been matched", () =>
      crowd.clients.every(({ conversations }) => conversations.size > 0),
    );
    for (let round = 0; round < 40; round++) {
      for (let index = 0; index < 5; index++) crowd.client(((round * 5 + index) * 7) % 200).wander();
      await sleep(100);
    }
    await eventually("many have met", () => crowd.partings > 800);
    await settle(crowd, fleet);
    for (const { count } of crowd.clients) expect(count).toMatchObject({ sessions: 1, snapshots: 0 });
    expect(crowd.clients.reduce((sum, { count }) => sum + count.resumed, 0)).toBeGreaterThan(100);
  } finally {
    await crowd.close();
  }
});

it("serves Match, Send, Next, Leave and Report on any instance", async () => {
  const people = [
    await TestClient.open(fleet.transport(0)),
    await TestClient.open(fleet.transport(1)),
    await TestClient.open(fleet.transport(2)),
  ] as const;
  const [ann, bob, cyd] = people;
  const endpoints = new Endpoints([], fleet.urls);
  const preferences = { interests: [uniqueInterest()] };
  const as = ({ welcome }: TestClient) => ({ headers: { authorization: `Bearer ${welcome.token}` } });
  const match = (person: TestClient) => endpoints.call().matching.match({ preferences }, as(person));
  /** Repeats a call on every instance, one after the other. */
  const everywhere = async (call: (endpoint: Endpoint) => Promise<unknown>) => {
    for (const endpoint of endpoints.calls) await call(endpoint);
  };

  await match(ann);
  await match(bob);
  const { matchId } = await ann.until("matched");
  expect(await bob.until("matched")).toMatchObject({ matchId });
  for (let clientSequence = 1; clientSequence <= 6; clientSequence++) {
    const request = { matchId, clientSequence, signals: [candidate(clientSequence)] };
    await everywhere(({ signaling }) => signaling.send(request, as(ann)));
  }
  for (let number = 1; number <= 6; number++) {
    expect(await bob.until("signalReceived")).toMatchObject({ signals: [candidate(number)] });
  }
  await match(cyd);
  const skip = { preferences, leaveMatchId: matchId };
  await everywhere(({ matching }) => matching.match(skip, as(ann)));
  expect(await bob.until("matchEnded")).toMatchObject({ matchId, reason: MatchEnded_Reason.PARTNER_SKIPPED });
  const next = await cyd.until("matched");
  expect(await ann.until("matched")).toMatchObject({ matchId: next.matchId });
  const report = { matchId: next.matchId, reason: ReportReason.SPAM };
  await everywhere(({ matching }) => matching.report(report, as(cyd)));
  expect(await cyd.until("matchEnded")).toMatchObject({ reason: MatchEnded_Reason.REPORTED });
  expect(await ann.until("matchEnded")).toMatchObject({ reason: MatchEnded_Reason.PARTNER_LEFT });
  await match(bob);
  await match(cyd);
  const last = await bob.until("matched");
  await everywhere(({ matching }) => matching.leave({}, as(bob)));
  expect(await cyd.until("matchEnded")).toMatchObject({ matchId: last.matchId });
  await Promise.all(people.map((person) => person.break()));
  endpoints.close();
});

it("replays each missed event once when a stream resumes on another instance", async () => {
  const [ann, bob] = [await TestClient.open(fleet.transport(0)), await TestClient.open(fleet.transport(1))];
  const preferences = { interests: [uniqueInterest()] };
  await ann.match({ preferences });
  await bob.match({ preferences });
  const { matchId } = await ann.until("matched");
  await ann.break();
  await bob.until("partnerAway");
  for (let clientSequence = 1; clientSequence <= 20; clientSequence++) {
    await bob.send({ matchId, clientSequence, signals: [candidate(clientSequence)] });
  }
  const back = await TestClient.open(fleet.transport(1), ann.resume);
  expect(back.welcome.resumed).toBe(true);
  for (let number = 1; number <= 20; number++) {
    expect((await back.next()).event).toMatchObject({ value: { signals: [candidate(number)] } });
  }
  await bob.leave();
  expect((await back.next()).event.case).toBe("matchEnded");
  await Promise.all([back.break(), bob.break()]);
});
