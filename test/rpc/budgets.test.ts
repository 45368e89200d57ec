import { afterEach, describe, expect, it } from "vitest";
import { ReportReason } from "../../gen/satoshigle/v1/matching_pb.js";
import { pair } from "../support/pair.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { refusalOf } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { knockAt, transportFrom } from "./support/networks.js";

const used = { code: "ResourceExhausted", reason: "LIMIT_REACHED" };

let server: TestServer;
afterEach(() => server.close());

const knock = (from?: string, token?: string) => knockAt(server, from, token);

describe("an IPv6 household", () => {
  /** The next /64 of 2001:db8:1::/48. */
  const subnet = (index: number) => `2001:db8:1:${index.toString(16)}::1`;

  it("may make 4 times as many calls from a /56 as from one /64, and 16 times as many from a /48", async () => {
    server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "1", TRUST_PROXY: "127.0.0.1" });
    const calls = async (from: number, count: number) => {
      const answers: string[] = [];
      for (let index = 0; index < count; index++) answers.push(await knock(subnet(from + index)));
      return answers.filter((answer) => answer === "Unauthenticated").length;
    };
    expect(await calls(0, 60)).toBe(40);
    expect(await calls(0x100, 60)).toBe(40);
    for (let next = 0x200; next < 0x800; next += 0x100) await calls(next, 40);
    expect(await calls(0xf00, 1)).toBe(0);
    expect(await knock("2001:db8:2::1")).toBe("Unauthenticated");
    expect(await knock("192.0.2.1")).toBe("Unauthenticated");
  });

  it("does not use up its neighbors' budget with refused calls", async () => {
    server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "1", TRUST_PROXY: "127.0.0.1" });
    for (let index = 0; index < 60; index++) await knock(subnet(0));
    expect(await knock(subnet(1))).toBe("Unauthenticated");
  });

  it("may open 4 times as many streams from a /56", async () => {
    server = await startServer({ MAX_CONNECTIONS_PER_IP: "1", TRUST_PROXY: "127.0.0.1" });
    const enter = (index: number) => TestClient.open(transportFrom(server, subnet(index)));
    for (let index = 0; index < 4; index++) await enter(index);
    expect(await refusalOf(enter(4))).toMatchObject(used);
    await enter(0x100);
  });
});

describe("Match, Leave and Report", () => {
  const many = { RATE_LIMIT_MAX_REQUESTS: "5", RATE_LIMIT_WINDOW_MS: "3600000" };

  it("have separate budgets, which other calls do not use up", async () => {
    server = await startServer(many);
    const { answerer, matchId } = await pair(transportTo(server.url));
    const send = (clientSequence: number) =>
      answerer.send({ matchId, clientSequence, signals: [{ kind: { case: "candidatesDone", value: {} } }] });
    await refusalOf(Promise.all(Array.from({ length: 9 }, (_, index) => send(index + 1))));
    expect(await refusalOf(send(99))).toMatchObject(used);
    await answerer.report({ matchId, reason: ReportReason.SPAM });
    await answerer.match({ leaveMatchId: matchId });
    await answerer.leave();
  });

  it("do not use up each other's budgets, nor that of other calls", async () => {
    server = await startServer(many);
    const { answerer, matchId, offerer } = await pair(transportTo(server.url));
    for (let index = 0; index < 4; index++) await answerer.match({});
    expect(await refusalOf(answerer.match({}))).toMatchObject(used);
    for (let index = 0; index < 5; index++) await answerer.report({ matchId, reason: ReportReason.SPAM });
    expect(await refusalOf(answerer.report({ matchId, reason: ReportReason.SPAM }))).toMatchObject(used);
    for (let index = 0; index < 5; index++) await answerer.leave();
    expect(await refusalOf(answerer.leave())).toMatchObject(used);
    await TestClient.open(answerer.transport, answerer.resume);
    await offerer.leave();
  });

  it("from an address are not limited by calls without a session", async () => {
    server = await startServer({ RATE_LIMIT_MAX_REQUESTS: "1", RATE_LIMIT_WINDOW_MS: "3600000" });
    const person = await TestClient.open(transportTo(server.url));
    for (let index = 0; index < 20; index++) await knock(undefined, index % 2 === 0 ? undefined : "forged.token");
    expect(await knock()).toBe("ResourceExhausted");
    await person.leave();
    await person.match({});
  });
});
