import { createClient } from "@connectrpc/connect";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ReportProblemRequest_Problem as Problem, SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import { request } from "../support/http.js";
import { roomy } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { RedisServer } from "../support/redis.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { behindProxy, transportFrom } from "./support/networks.js";

const variables = { ...roomy, ...behindProxy, SESSION_SECRET: "s".repeat(32) };

let redis: RedisServer;
let servers: Record<string, TestServer>;
beforeAll(async () => {
  redis = await RedisServer.start();
  servers = {
    "in memory": await startServer(variables),
    "in memory, served by the library": await startServer({ ...variables, FAST_PATH: "false" }),
    "in Redis": await startServer({ ...variables, REDIS_ENABLED: "true", REDIS_URL: redis.url }),
  };
});
afterAll(async () => {
  await Promise.all(Object.values(servers).map((server) => server.close()));
  await redis.close();
});

async function counts(server: TestServer): Promise<Record<string, number>> {
  const { text } = await request(`${server.internalUrl}/metrics`);
  const lines = text.matchAll(/^satoshigle_client_problems_total\{problem="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...lines].map(([, problem = "", count]): [string, number] => [problem, Number(count)]));
}

describe.each(["in memory", "in memory, served by the library", "in Redis"])("problems of clients, %s", (where) => {
  const server = () => servers[where] ?? expect.unreachable();

  it("are counted by kind, for an address at most 20 in an hour", async () => {
    const none = { ice_url_refused: 0, turn_credentials_refused: 0, relay_missing: 0 };
    expect(await counts(server())).toEqual(none);
    const ann = await TestClient.open(transportFrom(server(), "203.0.113.1"));
    for (let times = 0; times < 30; times++) await ann.reportProblem(Problem.ICE_URL_REFUSED);
    const neighbour = await TestClient.open(transportFrom(server(), "203.0.113.1"));
    await neighbour.reportProblem(Problem.RELAY_MISSING);
    expect(await counts(server())).toEqual({ ...none, ice_url_refused: 20 });
    const bob = await TestClient.open(transportFrom(server(), "198.51.100.1"));
    await bob.reportProblem(Problem.TURN_CREDENTIALS_REFUSED);
    await bob.reportProblem(Problem.RELAY_MISSING);
    expect(await counts(server())).toEqual({ ice_url_refused: 20, turn_credentials_refused: 1, relay_missing: 1 });
  });

  it("are of known kinds, and reported with the token of a session", async () => {
    const before = await counts(server());
    const ann = await TestClient.open(transportFrom(server(), "203.0.113.2"));
    const refused = ann.reportProblem(Problem.UNSPECIFIED);
    expect(await refusalOf(refused)).toMatchObject({ code: "InvalidArgument" });
    const stranger = createClient(SignalService, transportFrom(server(), "203.0.113.2"));
    const unknown = stranger.reportProblem({ problem: Problem.ICE_URL_REFUSED });
    expect(await refusalOf(unknown)).toMatchObject({ code: "Unauthenticated" });
    expect(await counts(server())).toEqual(before);
  });
});
