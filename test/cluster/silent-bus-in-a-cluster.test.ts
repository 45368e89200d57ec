import { afterAll, beforeAll, expect, it } from "vitest";
import { candidate, pair, roomy } from "../support/pair.js";
import { transportTo } from "../support/test-client.js";
import { ClusterLinks } from "./support/cluster-links.js";
import { Fleet } from "./support/fleet.js";
import { eventually } from "./support/settle.js";

let fleet: Fleet;
let links: ClusterLinks;

beforeAll(async () => {
  fleet = await Fleet.startOnCluster({
    instances: 2,
    replicas: 0,
    variables: { ...roomy, HEARTBEAT_INTERVAL_MS: "15000" },
    prepare: async (cluster) => {
      links = await ClusterLinks.to(cluster);
      return links.url;
    },
  });
});
afterAll(async () => {
  links.close();
  await fleet.close();
});

const transport = (index: number) => transportTo(fleet.instance(index).url.replace("localhost", "127.0.0.1"));
const logged = (text: string) => fleet.instance(0).output.split(text).length - 1;

it("is not ready when its bus in a Cluster goes silent, logs it once, and recovers", async () => {
  const { offerer, answerer, matchId } = await pair(transport(1), {}, { answerer: transport(0) });
  expect(await fleet.isReady(0)).toBe(true);
  links.muteSubscribers();
  const mutedMs = performance.now();
  await eventually("it is not ready", async () => !(await fleet.isReady(0)));
  await eventually("it says why", () => logged("the bus is silent") > 0);
  expect(performance.now() - mutedMs).toBeLessThan(30_000);
  await offerer.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
  expect(await answerer.until("signalReceived", 4_000), "read without a notification").toMatchObject({
    signals: [candidate(1)],
  });
  links.unmute();
  await eventually("it is ready again", () => fleet.isReady(0));
  await offerer.send({ matchId, clientSequence: 2, signals: [candidate(2)] });
  expect(await answerer.until("signalReceived", 1_000)).toMatchObject({ signals: [candidate(2)] });
  await eventually("it is logged", () => logged("the bus has recovered") > 0);
  expect([logged("the bus is silent"), logged("the bus has recovered"), logged("Redis is unavailable")]).toEqual([
    1, 1, 0,
  ]);
});
