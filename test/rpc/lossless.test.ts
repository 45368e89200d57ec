import { afterAll, beforeAll, expect, it } from "vitest";
import { roomy, uniqueInterest } from "../support/pair.js";
import { startServer, type TestServer } from "../support/server.js";
import { randomFrom, UnreliableClient } from "../support/unreliable-client.js";

const MATCHES = 100;
const SIGNALS_PER_SIDE = 50;
/** Set SEED to repeat the decisions of a run. */
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ ...roomy, CONNECTION_TIMEOUT_MS: "300000" });
});
afterAll(() => server.close());

/** Two clients that are matched, exchange signals over a bad network, and leave. */
async function talk(index: number): Promise<UnreliableClient[]> {
  const two = await Promise.all(
    [0, 1].map((side) => UnreliableClient.open(server.url, randomFrom(seed + 2 * index + side))),
  );
  const preferences = { interests: [uniqueInterest()] };
  const matchIds = await Promise.all(
    two.map(async ({ person }) => {
      await person.match({ preferences });
      return (await person.until("matched", 90_000)).matchId;
    }),
  );
  const [first] = two;
  const sendAndPart = async () => {
    await Promise.all(two.map((one, side) => one.send(matchIds[side] ?? "", SIGNALS_PER_SIDE)));
    await first?.leave();
  };
  await Promise.all([...two.map((one) => one.listen()), sendAndPart()]);
  return two;
}

it(`no event is lost or duplicated while 200 streams break and resume at random and 10,000 signals are relayed (SEED=${String(seed)})`, async () => {
  const talks = await Promise.all(Array.from({ length: MATCHES }, (_, index) => talk(index)));
  const all = talks.flat();
  const expected = Array.from({ length: SIGNALS_PER_SIDE }, (_, index) => index + 1);
  for (const one of all) {
    expect(one.problems).toEqual([]);
    expect(one.received).toEqual(expected);
    expect(one.breaks).toBeGreaterThan(0);
  }
  expect(all.reduce((sum, one) => sum + one.received.length, 0)).toBe(10_000);
  expect(all.reduce((sum, one) => sum + one.repeats, 0)).toBeGreaterThan(50);
  all.forEach((one) => one.close());
});
