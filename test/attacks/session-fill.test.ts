import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { describe, expect, it, onTestFinished } from "vitest";
import { MonitoringService } from "../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { TestClient } from "../support/test-client.js";
import { pair } from "../support/pair.js";
import { report, Target } from "./support/target.js";

const MAX_SESSIONS = 2_000;
/** Two attackers and an uninvolved client, on different networks. */
const [ATTACKERS, ELSEWHERE] = [["127.1.0.1", "127.2.0.1"], "127.3.0.1"] as const;
/** Concurrent streams of one address, below its limit. */
const LANES = 10;
/** The calls that an address may make: ten times 100 a minute. */
const VISITS = 1_000;

const figuresOf = async (target: Target): Promise<number> => {
  const transport = createGrpcTransport({ baseUrl: target.internalUrl });
  const { stats } = await createClient(MonitoringService, transport).getStats({});
  return stats?.sessionCount ?? NaN;
};

/** Opens sessions from an address and leaves each at once, as its limits allow. Returns how many were opened. */
async function fill(target: Target, address: string, act: (person: TestClient) => Promise<unknown>): Promise<number> {
  let [asked, welcomed] = [0, 0];
  const lane = async () => {
    while (asked++ < VISITS) {
      try {
        const person = await TestClient.open(target.transport(address));
        welcomed++;
        await act(person);
        await person.break();
      } catch {
        // refused, as intended
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return welcomed;
}

describe("two addresses that open sessions as fast as their limits allow", () => {
  it.each<[string, (person: TestClient) => Promise<unknown>]>([
    ["and make no request", () => Promise.resolve()],
    ["and search for a partner each", (person) => person.match({ preferences: { languages: ["en"] } })],
  ])("%s do not keep other clients out", async (what, act) => {
    const target = await Target.start({ MAX_SESSIONS: String(MAX_SESSIONS), MAX_LOOP_DELAY_MS: "10000" });
    onTestFinished(() => target.close());
    const startMs = performance.now();
    const welcomed = await Promise.all(ATTACKERS.map((address) => fill(target, address, act)));
    const held = await figuresOf(target);
    const tookMs = performance.now() - startMs;
    const served = await pair(target.transport(ELSEWHERE)).then(() => "yes", String);
    const figures = { welcomed: welcomed.join(" and "), "held after it": held, "in ms": tookMs };
    report(`sessions of two addresses that open many ${what}`, { ...figures, "others are served": served });
    expect(served).toBe("yes");
    expect(held, "sessions far below the limit").toBeLessThan(MAX_SESSIONS / 2);
  });
});
