import { expect, it } from "vitest";
import { SafetyExchange } from "../../src/client/in-call/safety-exchange.js";
import { commitmentTo, fingerprintOf, symbolsOf } from "../../src/client/in-call/safety-hash.js";
import { SYMBOLS, type SafetySymbol } from "../../src/client/in-call/safety-symbols.js";
import type { SatoshigleError } from "../../src/client/index.js";

const [ANN, BOB, EVE] = ["sha-256 aa:01", "sha-256 bb:02", "sha-256 ee:03"];

type Step = { commit: Uint8Array } | { reveal: Uint8Array };

/** One side of an exchange; the test carries its messages. */
class Side {
  readonly sent: Step[] = [];
  readonly exchange: SafetyExchange;

  constructor(own: string, partner: string) {
    this.exchange = new SafetyExchange(
      { own, partner },
      { commit: (hash) => this.sent.push({ commit: hash }), reveal: (nonce) => this.sent.push({ reveal: nonce }) },
    );
  }

  async receive(step: Step | undefined): Promise<void> {
    if (step && "commit" in step) await this.exchange.committed(step.commit);
    else if (step) await this.exchange.revealed(step.reveal);
  }

  outcome(): Promise<string> {
    return this.exchange.code.then(
      (symbols) => words(symbols),
      (error: unknown) => (error as SatoshigleError).code,
    );
  }
}

const words = (symbols: readonly SafetySymbol[]) => symbols.map(({ name }) => name).join(" ");

/** Carries everything between two sides, in the order sent. */
async function carry(a: Side, b: Side): Promise<void> {
  for (let at = 0; at < Math.max(a.sent.length, b.sent.length); at++) {
    await b.receive(a.sent[at]);
    await a.receive(b.sent[at]);
  }
}

it.each(["one side asks", "both ask at once"])("gives both the same four symbols when %s", async (who) => {
  const [ann, bob] = [new Side(ANN, BOB), new Side(BOB, ANN)];
  await ann.exchange.begin();
  if (who === "both ask at once") await bob.exchange.begin();
  await carry(ann, bob);
  const code = await ann.outcome();
  expect(code.split(" ").length).toBeGreaterThanOrEqual(4);
  expect(await bob.outcome()).toBe(code);
});

it("reveals nothing before the partner's commitment, and commits before it reveals", async () => {
  const ann = new Side(ANN, BOB);
  await ann.exchange.begin();
  expect(ann.sent.map((step) => Object.keys(step)[0])).toEqual(["commit"]);
  const bob = new Side(BOB, ANN);
  await bob.receive(ann.sent[0]);
  expect(bob.sent.map((step) => Object.keys(step)[0])).toEqual(["commit", "reveal"]);
});

it("gives different symbols with somebody in the middle who keeps to the rules with both", async () => {
  const [ann, eveToAnn] = [new Side(ANN, EVE), new Side(EVE, ANN)];
  const [eveToBob, bob] = [new Side(EVE, BOB), new Side(BOB, EVE)];
  await ann.exchange.begin();
  await carry(ann, eveToAnn);
  await eveToBob.exchange.begin();
  await carry(eveToBob, bob);
  const codes = await Promise.all([ann.outcome(), bob.outcome(), eveToAnn.outcome(), eveToBob.outcome()]);
  expect(codes[2]).toBe(codes[0]);
  expect(codes[3]).toBe(codes[1]);
  expect(codes[0]).not.toBe(codes[1]);
});

it("refuses messages that are passed on from another connection, and those that come back", async () => {
  const [ann, bob] = [new Side(ANN, EVE), new Side(BOB, EVE)];
  await ann.exchange.begin();
  await carry(ann, bob);
  expect([await ann.outcome(), await bob.outcome()]).toEqual(["safety_code_refused", "safety_code_refused"]);
  const alone = new Side(ANN, EVE);
  await alone.exchange.begin();
  for (const step of alone.sent) await alone.receive(step);
  expect(await alone.outcome()).toBe("safety_code_refused");
});

const nonce = (fill: number, length = 32) => new Uint8Array(length).fill(fill);
const eve = { fingerprint: EVE, nonce: nonce(1) };

it.each([
  ["another nonce than the one committed to", [{ commit: eve }, { reveal: nonce(2) }]],
  ["a nonce of another length", [{ commit: { ...eve, nonce: nonce(1, 16) } }, { reveal: nonce(1, 16) }]],
  ["a nonce without a commitment", [{ reveal: nonce(1) }]],
  ["a second commitment", [{ commit: eve }, { commit: { ...eve, nonce: nonce(2) } }, { reveal: nonce(2) }]],
])("refuses %s", async (_, steps) => {
  const ann = new Side(ANN, EVE);
  await ann.exchange.begin();
  for (const step of steps) {
    await ann.receive("commit" in step ? { commit: await commitmentTo(step.commit) } : { reveal: step.reveal });
  }
  expect(await ann.outcome()).toBe("safety_code_refused");
  expect(ann.sent.filter((step) => "reveal" in step).length).toBeLessThanOrEqual(1);
});

it("has 64 symbols, each with an emoji and a name of its own", () => {
  expect(SYMBOLS).toHaveLength(64);
  expect(new Set(SYMBOLS.map(({ emoji }) => emoji)).size).toBe(64);
  expect(new Set(SYMBOLS.map(({ name }) => name)).size).toBe(64);
  for (const { emoji, name } of SYMBOLS) {
    expect(emoji).toMatch(/^\p{Extended_Pictographic}\ufe0f?$/u);
    expect(name).toMatch(/^[a-z]+( [a-z]+)?$/);
  }
});

it("uses every symbol at every place", async () => {
  const seen = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()];
  for (let at = 0; at < 2_000; at++) {
    const own = { fingerprint: ANN, nonce: new Uint8Array(new Uint32Array([at]).buffer) };
    const code = await symbolsOf(own, { fingerprint: BOB, nonce: nonce(1) });
    code.forEach(({ name }, place) => seen[place]?.add(name));
  }
  expect(seen.map(({ size }) => size)).toEqual([64, 64, 64, 64]);
});

it.each([
  ["one fingerprint", "a=fingerprint:sha-256 AB:CD\r\n", "sha-256 ab:cd"],
  ["the same in each section", "a=fingerprint:sha-256 AB:CD\r\na=fingerprint:SHA-256 ab:cd\r\n", "sha-256 ab:cd"],
  ["two certificates", "a=fingerprint:sha-256 AB:CD\r\na=fingerprint:sha-256 AB:CE\r\n", undefined],
  ["two hashes of one", "a=fingerprint:sha-256 AB:CD\r\na=fingerprint:sha-1 AB:CD\r\n", undefined],
  ["a weak hash", "a=fingerprint:sha-1 AB:CD\r\n", undefined],
  ["none", "v=0\r\n", undefined],
])("reads the fingerprint of a description with %s", (_, sdp, fingerprint) => {
  expect(fingerprintOf(sdp)).toBe(fingerprint);
});
