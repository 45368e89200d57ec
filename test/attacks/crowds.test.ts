import { randomInt } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { pair } from "../support/pair.js";
import { TestClient } from "../support/test-client.js";
import { refusalOf } from "../support/refusal.js";
import { ELSEWHERE } from "./support/bystander.js";
import { expected } from "./support/kind.js";
import { report, Target } from "./support/target.js";
import { PATIENCE_MS } from "../support/patience.js";

const randomAddress = () => `198.51.${String(randomInt(256))}.${String(randomInt(256))}`;
const signal = "/satoshigle.v1.SignalService/Signal";

describe("10,000 sessions from one address", () => {
  it("stay under its limit, while another address is served normally", async () => {
    const CAP = 20;
    const target = await Target.start({
      MAX_CONNECTIONS_PER_IP: String(CAP),
      MAX_SESSIONS_PER_NETWORK: "100000", // the others reconnect in large numbers
      RATE_LIMIT_MAX_REQUESTS: "100000",
      MAX_LOOP_DELAY_MS: "10000",
    });
    onTestFinished(() => target.close());
    let [welcomed, refused, dropped, asked] = [0, 0, 0, 0];
    const open: http.ClientRequest[] = [];
    const attempt = async () => {
      // A proxy appends the client's address; what the client sends there is ignored.
      const headers = { "content-type": "application/connect+proto", "x-forwarded-for": randomAddress() };
      const request = http.request(target.url + signal, { method: "POST", headers, agent: false });
      open.push(request.on("error", () => undefined));
      const answered = Promise.race([once(request, "response"), once(request, "close")]);
      request.end(Buffer.alloc(5));
      const [response] = (await answered) as [http.IncomingMessage | undefined];
      if (response === undefined) return dropped++;
      const [chunk] = (await once(
        response.on("error", () => undefined),
        "data",
      )) as [Buffer];
      if (chunk[0] === 0) return welcomed++;
      request.destroy();
      return refused++;
    };
    const attack = Promise.all(
      Array.from({ length: 50 }, async () => {
        while (asked++ < 10_000) await attempt();
      }),
    );
    const waits: number[] = [];
    const others = (async () => {
      while (asked < 10_000) {
        const startMs = performance.now();
        const two = await pair(target.transport(ELSEWHERE));
        waits.push(performance.now() - startMs);
        await Promise.all([two.offerer.break(), two.answerer.break()]);
      }
    })();
    await attack;
    await others;
    waits.sort((a, b) => a - b);
    const medianMs = waits[waits.length >> 1] ?? Infinity;
    report("10,000 sessions from one address", {
      welcomed,
      refused,
      dropped,
      "pairs elsewhere": waits.length,
      "their median ms": medianMs,
    });
    expect(welcomed).toBe(CAP);
    expect(welcomed + refused + dropped).toBe(10_000);
    expect(waits.length).toBeGreaterThan(expected({ memory: 5, redis: 5, haproxy: 2 }));
    expect(medianMs).toBeLessThan(3_000); // a pair makes six calls, and the attack keeps both processors busy
    open.forEach((request) => request.destroy());
    expect((await target.figures()).troubles).toEqual([]);
  });
});

describe("one address that tries to fill the server", () => {
  it("is limited, and two others are accepted", async () => {
    const target = await Target.start({
      MAX_SESSIONS: "2000",
      MAX_DISCONNECTION_DURATION_MS: "3600000", // none makes room for another, however long it takes
      RATE_LIMIT_MAX_REQUESTS: "1000000",
      MAX_LOOP_DELAY_MS: "10000",
    });
    const transport = target.transport();
    let [opened, refused] = [0, 0];
    const comeAndGo = async () => {
      const person = await TestClient.open(transport);
      await person.match({ preferences: { interests: [String(++opened)] } });
      await person.break();
    };
    const attack = async () => {
      while (opened + refused < 2_500) await comeAndGo().catch(() => refused++);
    };
    const startMs = performance.now();
    await Promise.all(Array.from({ length: 10 }, attack));
    report("2,500 sessions wanted by one address", { opened, refused, ms: performance.now() - startMs });
    expect(opened).toBe(100);
    await pair(target.transport("127.0.0.2"));
    await target.close();
  });
});

describe("while the event loop is blocked", () => {
  it("new sessions are refused with a retry delay and existing ones continue, until it recovers", async () => {
    const target = await Target.start({ MAX_LOOP_DELAY_MS: "500" });
    onTestFinished(() => target.close());
    const transport = target.transport();
    // A busy machine may block the loop by itself while the server starts.
    const patient = { timeout: PATIENCE_MS, interval: 50 };
    const { offerer, answerer, matchId } = await vi.waitFor(() => pair(transport), patient);
    target.signal("SIGSTOP"); // like a process that gets no CPU time
    await sleep(4_000);
    target.signal("SIGCONT");
    const refusal = await vi.waitFor(async () => {
      const outcome = await refusalOf(TestClient.open(transport));
      expect(outcome.code).toBe("ResourceExhausted");
      return outcome;
    }, patient);
    expect(refusal).toMatchObject({ message: expect.stringContaining("too busy") as string, problem: "overload" });
    expect(refusal.retryMs).toBeGreaterThanOrEqual(1_000);
    expect(refusal.retryMs).toBeLessThanOrEqual(3_000);
    const again = await TestClient.open(transport, answerer.resume); // while newcomers are refused
    expect(again.welcome.resumed).toBe(true);
    await offerer.send({ matchId, clientSequence: 1, signals: [{ kind: { case: "candidatesDone", value: {} } }] });
    await again.until("signalReceived");
    const startMs = performance.now();
    await vi.waitFor(() => TestClient.open(transport), patient);
    report("after a lag of 4 s", { "newcomers are taken again after ms": performance.now() - startMs });
  });
});
