import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { describe, expect, it, onTestFinished } from "vitest";
import { MonitoringService } from "../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { Person } from "../support/person.js";
import { pair } from "../support/pair.js";
import { report, Target } from "./support/target.js";

const MAX_SESSIONS = 2_000;
/** Two attackers and somebody else, on networks of their own. */
const [ATTACKERS, ELSEWHERE] = [["127.1.0.1", "127.2.0.1"], "127.3.0.1"] as const;
/** At a time of one address; fewer than its streams may be. */
const LANES = 10;
/** What the limit of calls of an address allows: 100 calls a minute, ten times that. */
const VISITS = 1_000;

const figuresOf = async (target: Target): Promise<number> => {
  const transport = createGrpcTransport({ baseUrl: target.internalUrl });
  const { stats } = await createClient(MonitoringService, transport).getStats({});
  return stats?.sessionCount ?? NaN;
};

/** Opens sessions from an address and leaves each at once, as many as its limits allow. Returns how many were welcomed. */
async function fill(target: Target, address: string, act: (person: Person) => Promise<unknown>): Promise<number> {
  let [asked, welcomed] = [0, 0];
  const lane = async () => {
    while (asked++ < VISITS) {
      try {
        const person = await Person.open(target.transport(address));
        welcomed++;
        await act(person);
        await person.break();
      } catch {
        // refused, which is what is hoped for
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return welcomed;
}

describe("two addresses that open sessions as fast as their limits allow", () => {
  it.each<[string, (person: Person) => Promise<unknown>]>([
    ["and ask for nothing", () => Promise.resolve()],
    ["and ask for a partner each", (person) => person.match({ preferences: { languages: ["en"] } })],
  ])("%s keep nobody else out", async (what, act) => {
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
    expect(held, "far from full").toBeLessThan(MAX_SESSIONS / 2);
  });
});
