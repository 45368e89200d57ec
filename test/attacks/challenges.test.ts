import { create, toBinary } from "@bufbuild/protobuf";
import { describe, expect, it, onTestFinished } from "vitest";
import { SignalRequestSchema, SignalService } from "../../gen/satoshigle/v1/signaling_pb.js";
import { ProofOfWork } from "../../src/adapters/altcha/proof-of-work.js";
import { addressKeys } from "../../src/core/address-key.js";
import type { AddressKey } from "../../src/core/ids.js";
import { limits } from "../../src/core/limits.js";
import { challengeFor, solve } from "../support/challenge.js";
import { refusalOf } from "../support/refusal.js";
import { TestClient } from "../support/test-client.js";
import { Costs } from "./support/costs.js";
import { kind } from "./support/kind.js";
import { callOf, speeches } from "./support/refusal-table.js";
import { MIB, report, Target } from "./support/target.js";

const SESSION_SECRET = "a secret of at least 32 characters";
const FOREIGN_SECRET = "a secret that another server has, and not this one";
const roomy = { SESSION_SECRET, RATE_LIMIT_MAX_REQUESTS: "1000000", MAX_CONNECTIONS_PER_IP: "1000" };
const hot = { ...roomy, CHALLENGE: "auto", CHALLENGE_AFTER_NETWORK: "0" };
/** Of two networks: the challenge is for the first. */
const [HOME, NEIGHBOUR, ELSEWHERE] = ["127.9.0.1", "127.9.0.2", "127.9.1.1"] as const;
const ADDRESSES = 100;
const [ROUNDS, CALLS] = [10, 50];

async function start(variables: Record<string, string>): Promise<Target> {
  const target = await Target.start(variables);
  onTestFinished(() => target.close());
  return target;
}

const solved = async (target: Target, address: string) => solve(await challengeFor(target.transport(address)));
const use = (target: Target, address: string, proof: string) => TestClient.open(target.transport(address), { proof });

describe("a challenge", () => {
  it("that is solved once and used from 100 addresses at the same time opens one session", async () => {
    const target = await start(hot);
    const proof = await solved(target, HOME);
    const addresses = Array.from(
      { length: ADDRESSES },
      (_, index) => `127.9.${String(index % 2)}.${String(index + 1)}`,
    );
    const outcomes = await Promise.all(
      addresses.map((address) =>
        use(target, address, proof).then(
          () => "opened",
          (error: unknown) => refusalOf(Promise.reject(error as Error)).then(({ problem }) => problem),
        ),
      ),
    );
    const count = (outcome: string) => outcomes.filter((one) => one === outcome).length;
    expect({ opened: count("opened"), spent: count("spent"), forged: count("forged") }).toEqual({
      opened: 1,
      spent: ADDRESSES / 2 - 1,
      forged: ADDRESSES / 2,
    });
  });

  it("opens nothing if it is of another server or network, replayed, or changed", async () => {
    const [target, other] = [await start(hot), await start({ ...hot, SESSION_SECRET: FOREIGN_SECRET })];
    const problemOf = async (proof: string, address: string = HOME) =>
      (await refusalOf(use(target, address, proof))).problem;

    expect(await problemOf(await solved(other, HOME)), "of another server").toBe("forged");
    const proof = await solved(target, HOME);
    expect(await problemOf(proof, ELSEWHERE), "of another network").toBe("forged");
    const longer = Buffer.from(proof, "base64")
      .toString()
      .replace(/"expires":(\d)/, '"expires":9$1');
    expect(await problemOf(Buffer.from(longer).toString("base64")), "with a later end").toBe("forged");
    const easier = Buffer.from(proof, "base64")
      .toString()
      .replace(/"counter":\d+/, '"counter":0');
    expect(await problemOf(Buffer.from(easier).toString("base64")), "with another counter").toBe("wrong");
    await use(target, NEIGHBOUR, proof);
    expect(await problemOf(proof), "used before").toBe("spent");
  });

  // With Redis, the attacked server has a secret that no test knows.
  it.skipIf(kind === "redis")("opens nothing when it is stale", async () => {
    const target = await start(hot);
    const [network = "" as AddressKey] = addressKeys(SESSION_SECRET).networkOf(HOME).levels;
    const solvedIn = async (nowMs: number) =>
      solve(await new ProofOfWork(SESSION_SECRET, "main").create({ network, effort: 0.01, nowMs }));
    const stale = await solvedIn(Date.now() - limits.challengeMs);
    expect(await refusalOf(use(target, HOME, stale))).toMatchObject({ problem: "expired" });
    await use(target, HOME, await solvedIn(Date.now()));
  });
});

describe("a flood of solutions that are refused", () => {
  it("costs no memory, and far less than as many sessions", async () => {
    const [target, other] = [await start(hot), await start({ ...hot, SESSION_SECRET: FOREIGN_SECRET })];
    const spent = await solved(target, HOME);
    await use(target, HOME, spent);
    const bodies = { none: "", malformed: "A".repeat(2_000), forged: await solved(other, HOME), spent };

    const [speech] = speeches;
    const costs = new Costs(target, CALLS);
    onTestFinished(() => costs.close());
    const refuse = (proof: string) => {
      const bytes = Buffer.from(toBinary(SignalRequestSchema, create(SignalRequestSchema, { proof })));
      return costs.round(
        callOf(SignalService.method.signal, speech, target.port, {}, { what: "", isBinary: true, bytes }),
      );
    };
    const least: Record<string, number> = {};
    const note = (what: string, ms: number) => (least[what] = Math.min(least[what] ?? Infinity, ms));

    for (const proof of Object.values(bodies)) await refuse(proof);
    const before = await target.figures();
    for (let round = 0; round < ROUNDS; round++)
      for (const [what, proof] of Object.entries(bodies)) note(what, (await refuse(proof)).cpuMs);
    const grown = ((await target.figures()).heapUsed - before.heapUsed) / MIB;

    const cool = await start(roomy);
    for (let round = 0; round < ROUNDS; round++) note("a session", await sessionCost(cool));
    report("CPU ms of refused solutions", { ...least, "grown MiB": grown });
    expect(grown).toBeLessThan(3);
    const session = least["a session"] ?? 0;
    for (const what of Object.keys(bodies)) expect(least[what], what).toBeLessThan(session);
  });
});

/** The CPU time for a session that is opened and left at once, in milliseconds. */
async function sessionCost(target: Target): Promise<number> {
  const before = await target.cpuMs();
  for (let count = 0; count < CALLS; count++) await (await TestClient.open(target.transport())).break();
  return ((await target.cpuMs()) - before) / CALLS;
}
