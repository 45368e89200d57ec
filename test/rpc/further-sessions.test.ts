import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SessionClosed_Reason } from "../../gen/satoshigle/v1/event_pb.js";
import { appSecret, identityToken } from "../support/app-keys.js";
import { roomy } from "../support/pair.js";
import { RedisServer } from "../support/redis.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { TestClient, transportTo } from "../support/test-client.js";

const variables = { ...roomy, IDENTITY_SECRET: appSecret, SESSIONS_PER_PERSON: "2" };
const subject = () => randomBytes(8).toString("hex");

const OCCUPIED = { code: "PermissionDenied", reason: "ALREADY_CONNECTED" };
const SUPERSEDED = { code: "PermissionDenied", reason: "SUPERSEDED" };

/** Opens a session of a person. */
async function enter(server: TestServer, sub: string, automatic = false): Promise<TestClient> {
  return TestClient.open(transportTo(server.url), { identityToken: await identityToken({ sub }), automatic });
}

/** The reason of a refusal, or "welcome". */
const answerTo = (opening: Promise<TestClient>) =>
  opening.then(
    () => "welcome",
    async (error: unknown) => (await refusalOf(Promise.reject(error as Error))).reason,
  );

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.close());

/** One server twice, or two instances that share Redis in a realm of their own. */
async function startTwo(isShared: boolean, more: Record<string, string>): Promise<[TestServer, TestServer]> {
  const realm = { REALM: subject(), REDIS_ENABLED: "true", REDIS_URL: redis.url, SESSION_SECRET: "s".repeat(32) };
  const start = () => startServer({ ...variables, ...more, ...(isShared && realm) });
  const first = await start();
  return [first, isShared ? await start() : first];
}

describe.each([
  ["a standalone server", false],
  ["two instances", true],
])("a person with as many sessions as are allowed on %s", (_, isShared) => {
  describe("that keep the oldest", () => {
    let [here, there]: TestServer[] = [];
    beforeAll(async () => {
      [here, there] = await startTwo(isShared, { SESSIONS_PER_PERSON_KEEP: "oldest" });
    });
    afterAll(async () => {
      await here?.close();
      if (isShared) await there?.close();
    });
    const servers = () => [here, there] as [TestServer, TestServer];

    it("gets no further one, and keeps what it has", async () => {
      const [one, other] = servers();
      const ann = subject();
      const [first, second] = [await enter(one, ann), await enter(other, ann)];
      for (const automatic of [false, true]) {
        expect(await refusalOf(enter(other, ann, automatic))).toMatchObject(OCCUPIED);
      }
      await Promise.all([first, second].map((session) => session.match()));
      await Promise.all([first, second].map((session) => session.until("waiting")));
      await enter(one, subject());
      // Away sessions count, until they are closed.
      await first.break();
      expect(await refusalOf(enter(one, ann))).toMatchObject(OCCUPIED);
      const again = await TestClient.open(transportTo(other.url), first.resume);
      expect(again.welcome.sessionId).toBe(first.welcome.sessionId);
    });

    it("never has more, however many are opened at once", async () => {
      const ann = subject();
      const all = Array.from({ length: 12 }, (_one, index) => enter(servers()[index % 2 === 0 ? 0 : 1], ann));
      const answers = await Promise.all(all.map(answerTo));
      expect(answers.filter((answer) => answer === "welcome")).toHaveLength(2);
      expect(answers.filter((answer) => answer === "ALREADY_CONNECTED")).toHaveLength(10);
    });
  });

  describe("that keep the newest", () => {
    let [here, there]: TestServer[] = [];
    beforeAll(async () => {
      [here, there] = await startTwo(isShared, {});
    });
    afterAll(async () => {
      await here?.close();
      if (isShared) await there?.close();
    });
    const servers = () => [here, there] as [TestServer, TestServer];

    it("loses none to a client that continues on its own, and one to the person", async () => {
      const [one, other] = servers();
      const ann = subject();
      const [asleep, second, third] = [await enter(one, ann), await enter(other, ann), await enter(one, ann)];
      expect(await asleep.until("sessionClosed")).toMatchObject({ reason: SessionClosed_Reason.SUPERSEDED });
      const woken = TestClient.open(transportTo(other.url), asleep.resume);
      expect(await refusalOf(woken)).toMatchObject({ reason: "SESSION_UNKNOWN" });
      expect(await refusalOf(enter(other, ann, true))).toMatchObject(SUPERSEDED);
      await Promise.all([second, third].map((session) => session.match()));
      await Promise.all([second, third].map((session) => session.until("waiting")));
      await enter(other, ann);
      expect(await second.until("sessionClosed")).toMatchObject({ reason: SessionClosed_Reason.SUPERSEDED });
    });

    it("does not lose them to clients that continue at once", async () => {
      const [one, other] = servers();
      const ann = subject();
      const running = await enter(one, ann);
      const answers = await Promise.all([one, other, one, other].map((server) => answerTo(enter(server, ann, true))));
      expect(answers.sort()).toEqual(["SUPERSEDED", "SUPERSEDED", "SUPERSEDED", "welcome"]);
      await running.leave();
    });
  });
});

it("a client that continues on its own is welcome if the person is nowhere else, and as a stranger", async () => {
  const server = await startServer(variables);
  const ann = subject();
  await enter(server, ann, true);
  await enter(server, ann, true);
  expect(await refusalOf(enter(server, ann, true))).toMatchObject(SUPERSEDED);
  for (let times = 0; times < 3; times++) await TestClient.open(transportTo(server.url), { automatic: true });
  await server.close();
});
