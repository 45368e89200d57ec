import { describe, expect, it, onTestFinished } from "vitest";
import { SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import { challengeFor, solve } from "../support/challenge.js";
import { TestClient } from "../support/test-client.js";
import { type Cost, Costs } from "./support/costs.js";
import { callOf, speeches } from "./support/refusal-table.js";
import { kind } from "./support/kind.js";
import { MIB, report, Target } from "./support/target.js";

const roomy = { RATE_LIMIT_MAX_REQUESTS: "100000", MAX_CONNECTIONS_PER_IP: "1000" };
const hot = { ...roomy, CHALLENGE: "auto", CHALLENGE_AFTER_NETWORK: "0" };
const ADDRESSES = 100;
const FLOOD = 3_000;

async function start(variables: Record<string, string>): Promise<Target> {
  const target = await Target.start(variables);
  onTestFinished(() => target.close());
  return target;
}

describe("challenges", () => {
  it("solved once and used from 100 addresses open one session", async () => {
    const target = await start(hot);
    const proof = await solve(await challengeFor(target.transport("127.9.0.1")));
    // Half of the addresses are of the network that the challenge is for.
    const addresses = Array.from(
      { length: ADDRESSES },
      (_, index) => `127.9.${String(index % 2)}.${String(index + 1)}`,
    );
    const opened = await Promise.all(
      addresses.map((address) =>
        TestClient.open(target.transport(address), { proof }).then(
          () => 1,
          () => 0,
        ),
      ),
    );
    expect(opened.reduce((sum: number, one) => sum + one, 0)).toBe(1);
  });

  it("in a flood cost no memory, and little time", async () => {
    const [target, strict] = [await start(hot), await start({ ...roomy, RATE_LIMIT_MAX_REQUESTS: "1" })];
    const [speech] = speeches;
    const body = { what: "nothing", isBinary: true, bytes: Buffer.alloc(0) };
    const challenged = new Costs(target, 100);
    const limited = new Costs(strict, 100);
    const ask = () => challenged.round(callOf(SignalService.method.signal, speech, target.port, {}, body));
    const knock = () => limited.round(callOf(SignalService.method.signal, speech, strict.port, {}, body));
    onTestFinished(() => {
      challenged.close();
      limited.close();
    });
    await ask();
    await knock();
    const before = await target.figures();
    const costs: [Cost, Cost][] = [];
    for (let sent = 0; sent < FLOOD; sent += 100) costs.push([await ask(), await knock()]);
    const after = await target.figures();
    const least = (which: 0 | 1) => Math.min(...costs.map((pair) => pair[which].cpuMs));
    const grown = (after.heapUsed - before.heapUsed) / MIB;
    report("a flood of challenges", { "CPU ms": least(0), "of a cheap refusal": least(1), "grown MiB": grown });
    expect(grown).toBeLessThan(3);
    if (kind === "memory") expect(least(0), "about four times the cheapest refused call").toBeLessThan(least(1) * 5);
  });
});
