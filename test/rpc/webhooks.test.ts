import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Webhook } from "standardwebhooks";
import { afterEach, expect, it, onTestFinished } from "vitest";
import { GrpcClient, type Message } from "../support/grpc.js";
import { pair, roomy } from "../support/pair.js";
import { RedisServer } from "../support/redis.js";
import { soon } from "../support/soon.js";
import { startServer, type TestServer } from "../support/server.js";
import { transportTo } from "../support/test-client.js";
import { Receiver, WEBHOOK_SECRET } from "../support/webhook-receiver.js";

const verifier = new Webhook(WEBHOOK_SECRET);

/** A receiver of webhooks, which verifies each. */
class Inbox {
  /** What came, in order, with repetitions. */
  readonly came: { id: string; type: string; data: Message; status: number }[] = [];
  status = 204;
  /** Does not answer at all. */
  hangs = false;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => (body += String(chunk)));
      request.on("end", () => {
        const headers = request.headers as Record<string, string>;
        const { type, data } = verifier.verify(body, headers) as { type: string; data: Message };
        this.came.push({ id: headers["webhook-id"] ?? "", type, data, status: this.status });
        if (this.hangs) return;
        if (this.status < 400) response.writeHead(this.status).end();
        else response.writeHead(this.status).end("x".repeat(10 << 20));
      });
    });
  }

  static async open(): Promise<Inbox> {
    const inbox = new Inbox();
    await new Promise<void>((resolve) => inbox.#server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      inbox.#server.closeAllConnections();
      inbox.#server.close();
    });
    return inbox;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/hook?key=canary`;
  }

  get accepted(): string[] {
    return this.came.filter(({ status }) => status < 400).map(({ id }) => id);
  }
}

let servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers) await server.close();
  servers = [];
});

async function start(variables: Record<string, string>): Promise<TestServer> {
  const server = await startServer({ ...roomy, WEBHOOK_SECRET, ...variables });
  servers.push(server);
  return server;
}

/** Two people meet and part. Returns the ID of their match. */
async function meet(server: TestServer): Promise<string> {
  const { offerer, matchId } = await pair(transportTo(server.url));
  await offerer.leave();
  return matchId;
}

const secondsOf = (time: unknown) => Number((time as Message | null)?.seconds);
const idsOf = (matchId: string) => ["began", "ended"].map((end) => `match_${end}_${matchId.replace(".", "~")}`);
const WEBHOOK_EVENTS = "match.began,match.ended";

it("posts events to each receiver, signed and in order, with the data of the event", async () => {
  const [one, other] = [await Inbox.open(), await Inbox.open()];
  const server = await start({ WEBHOOK_URLS: `${one.url},${other.url}`, WEBHOOK_EVENTS });
  const matchIds = [await meet(server), await meet(server)];
  for (const inbox of [one, other]) {
    await soon(() => {
      expect(inbox.accepted).toEqual(matchIds.flatMap(idsOf));
    });
  }
  expect(one.came[1]).toMatchObject({ type: "match.ended", data: { matchId: matchIds[0], reason: "REASON_LEFT" } });
});

it("repeats what is not accepted, and says so to operators without the URL; the other receiver gets it meanwhile", async () => {
  const [good, bad] = [await Inbox.open(), await Inbox.open()];
  bad.status = 500;
  const startSeconds = Math.floor(Date.now() / 1000) - 1;
  const server = await start({ WEBHOOK_URLS: `${good.url},${bad.url}`, WEBHOOK_EVENTS });
  const matchId = await meet(server);
  await soon(() => {
    expect(good.accepted).toEqual(idsOf(matchId));
    expect(bad.came.length).toBeGreaterThan(0);
  });
  const monitoring = new GrpcClient("satoshigle.internal.v1.MonitoringService", server.internalUrl);
  const receivers = async () => ((await monitoring.call("getStats")).stats as Message).webhooks as Message[];
  await soon(async () => {
    expect(await receivers()).toMatchObject([
      { failureCount: 0, problem: "", failingSince: null, oldestPendingTime: null, nextAttemptTime: null },
      { failureCount: 1, problem: "status 500", lastSuccessTime: null },
    ]);
  });
  const [delivered, failing] = await receivers();
  expect(secondsOf(delivered?.lastSuccessTime)).toBeGreaterThan(startSeconds);
  expect(secondsOf(failing?.nextAttemptTime)).toBeGreaterThan(secondsOf(failing?.failingSince));
  const names = (await receivers()).map(({ name }) => String(name));
  expect(names).toEqual([good, bad].map(({ url }) => new URL(url).host));
  const metrics = await (await fetch(`${server.internalUrl}/metrics`)).text();
  expect(metrics).toContain(`satoshigle_webhook_failures{receiver="${names[1] ?? ""}"} 1`);
  expect(metrics).toMatch(/satoshigle_webhook_deliveries_total\{outcome="accepted"\} 2/);
  expect(metrics + server.log + JSON.stringify(await receivers())).not.toContain("canary");
  expect(server.log).toContain("webhooks cannot be delivered");
  bad.status = 204;
  await soon(() => {
    expect(bad.accepted).toEqual(idsOf(matchId));
  });
  monitoring.close();
});

it("calls go on while a receiver hangs, and the server stops without waiting for it", async () => {
  const inbox = await Inbox.open();
  inbox.hangs = true;
  const server = await start({ WEBHOOK_URLS: inbox.url, WEBHOOK_EVENTS });
  await meet(server);
  await soon(() => {
    expect(inbox.came).toHaveLength(1);
  });
  await meet(server);
  expect(inbox.came).toHaveLength(1);
  const startMs = performance.now();
  await server.close();
  servers = [];
  expect(performance.now() - startMs).toBeLessThan(14_000); // a receiver has 15 s to answer
});

it("a secret is replaced: what the receiver refused comes again, with a signature of each secret", async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.close());
  const next = `whsec_${Buffer.alloc(32, 8).toString("base64")}`;
  const receiver = await Receiver.open({ secret: next });
  onTestFinished(() => {
    receiver.close();
  });
  const shared = {
    REDIS_ENABLED: "true",
    REDIS_URL: redis.url,
    SESSION_SECRET: "a secret of thirty-two characters or so",
  };
  const matchIds: string[] = [];
  for (const [secret, comes] of [
    [WEBHOOK_SECRET, false],
    [`${WEBHOOK_SECRET},${next}`, true],
    [next, true],
  ] as const) {
    const server = await start({ ...shared, WEBHOOK_URLS: receiver.url, WEBHOOK_EVENTS, WEBHOOK_SECRET: secret });
    matchIds.push(await meet(server));
    await soon(() => {
      if (comes) expect(receiver.came).toEqual(matchIds.flatMap(idsOf));
      else expect(receiver.refused).toBeGreaterThan(0);
    });
    await server.close();
    servers = [];
  }
});

it("one of two instances posts at a time; the other continues when it stops", async () => {
  const redis = await RedisServer.start();
  onTestFinished(() => redis.close());
  const inbox = await Inbox.open();
  const shared = {
    ...{ REDIS_ENABLED: "true", REDIS_URL: redis.url, SESSION_SECRET: "a secret of thirty-two characters or so" },
    ...{ WEBHOOK_URLS: inbox.url, WEBHOOK_EVENTS },
  };
  const [first, second] = [await start(shared), await start(shared)];
  const matchIds: string[] = [];
  for (let round = 0; round < 5; round++) matchIds.push(await meet(round % 2 === 0 ? first : second));
  await soon(() => {
    expect(inbox.accepted).toEqual(matchIds.flatMap(idsOf));
  });
  for (const { internalUrl } of [first, second]) {
    const monitoring = new GrpcClient("satoshigle.internal.v1.MonitoringService", internalUrl);
    await soon(async () => {
      const { webhooks } = (await monitoring.call("getStats")).stats as { webhooks: Message[] };
      expect(webhooks).toMatchObject([{ failureCount: 0, lastSuccessTime: { nanos: expect.any(Number) as number } }]);
    });
    monitoring.close();
  }
  servers = [second];
  await first.close();
  matchIds.push(await meet(second));
  await soon(() => {
    expect(inbox.accepted).toEqual(matchIds.flatMap(idsOf));
  });
});
