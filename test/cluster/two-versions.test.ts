import { expect } from "vitest";
import { VERSION } from "../../src/version.js";
import { ServerProcess } from "../e2e/support/server-process.js";
import { candidate, uniqueInterest } from "../support/pair.js";
import { RedisServer } from "../support/redis.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { it } from "./support/cluster-fixture.js";
import { clusterVariables } from "./support/fleet.js";
import { otherVersion } from "./support/other-version.js";
import { refuse } from "./support/refused-start.js";

it("instances of two versions with the same data format share a realm, and can be replaced one at a time", async ({
  fixture,
}) => {
  const redis = await fixture.keep(RedisServer.start());
  const variables = { ...clusterVariables, REDIS_URL: redis.url };
  const previous = { ...variables, ...otherVersion("0.0.9") };
  const old = [await fixture.keep(ServerProcess.start(previous)), await fixture.keep(ServerProcess.start(previous))];
  expect(old[0]?.output).toContain("version 0.0.9");
  const [ann, bob] = await Promise.all(old.map(({ url }) => TestClient.open(transportTo(url))));
  if (ann === undefined || bob === undefined) throw new Error("a client is missing");
  const preferences = { interests: [uniqueInterest()] };
  await ann.match({ preferences });
  await bob.match({ preferences });
  const [{ matchId }] = [await bob.until("matched"), await ann.until("matched")];

  expect(await old[0]?.stop("SIGTERM")).toBe(0);
  const next = await fixture.keep(ServerProcess.start(variables));
  expect(next.output).toContain(`version ${VERSION}`);
  const annAgain = await TestClient.open(transportTo(next.url), ann.resume);
  expect(annAgain.welcome.resumed, "resumed on the new version").toBe(true);
  await annAgain.send({ matchId, clientSequence: 1, signals: [candidate(1)] });
  expect(await bob.until("signalReceived"), "delivered to the old version").toMatchObject({ matchId });

  expect(await old[1]?.stop("SIGTERM")).toBe(0);
  const bobAgain = await TestClient.open(transportTo(next.url), bob.resume);
  expect(bobAgain.welcome.resumed).toBe(true);
  await bobAgain.send({ matchId, clientSequence: 1, signals: [candidate(2)] });
  expect(await annAgain.until("signalReceived")).toMatchObject({ matchId });
});

it("an instance with another data format starts neither beside the others nor on their data", async ({ fixture }) => {
  const redis = await fixture.keep(RedisServer.start());
  const REDIS_URL = redis.url;
  const newer = { REDIS_URL, ...otherVersion("9.0.0", "999") };
  const running = await fixture.keep(ServerProcess.start({ ...clusterVariables, REDIS_URL }));
  const beside = await refuse(newer);
  expect(beside.code).toBe(1);
  expect(beside.said).toContain("this version stores its data in a different format from the running instances");

  expect(await running.stop("SIGTERM")).toBe(0);
  const after = await refuse(newer);
  expect(after.code).toBe(1);
  expect(after.said).toContain("the realm contains data of another version, which this version would misread");
  expect(after.said).toContain("Install that version, or start with another REALM");

  const apart = await ServerProcess.start({ ...clusterVariables, ...newer, REALM: "new" });
  await apart.close();
  await running.start();
  expect(running.output, "the previous version starts again").toContain("Satoshigle is up");
});
