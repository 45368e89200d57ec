import { steadyClock, systemClock } from "../../../src/adapters/node/clock.js";
import { systemRandom } from "../../../src/adapters/node/random.js";
import { Overflow } from "../../../src/app/overflow/overflow.js";
import type { Neighbour } from "../../../src/ports/neighbour.js";
import type { Closer } from "../redis/closing.js";
import type { RedisMeter } from "../redis/meter.js";
import { answer, type Cost, costOf, each, match, open, own, send } from "./calls.js";
import { Node, type Person } from "./node.js";

/** Pairs, each of two people of different realms. Both wait first, as overflowing people do. */
const PAIRS = 200;

/** The CPU time of Redis for a chat of people of two realms on one server, whose signals an instance relays. */
export async function chatBetween(
  url: string,
  meter: RedisMeter,
  rounds: number,
  later: (closer: Closer) => void,
): Promise<Cost[]> {
  const [home, visited, abroad] = await Promise.all([
    Node.join(url, "node-1", "bench-eu"),
    Node.join(url, "node-1", "bench-us"), // that of the instance of `bench-eu`
    Node.join(url, "node-2", "bench-us"),
  ]);
  for (const node of [home, visited, abroad]) later(() => node.close());
  const overflow = overflowOf(home, visited);
  later(() => overflow.stop(0));
  const seekers = await open(home, 0, PAIRS);
  const waiters = await open(abroad, PAIRS, PAIRS);
  const costs: Cost[] = [];
  for (let round = 0; round <= rounds; round++) {
    costs.push(await costOf(meter, PAIRS, () => chat(overflow, round, seekers, waiters)));
  }
  return costs;
}

async function chat(overflow: Overflow, round: number, seekers: Person[], waiters: Person[]): Promise<void> {
  const pairs = seekers.map((seeker, index) => ({
    seeker,
    waiter: waiters[(index + round) % waiters.length] ?? seeker,
    interest: `${String(round)}-${String(index)}`,
  }));
  await each(pairs, ({ waiter, interest }) => match(waiter, interest, undefined));
  await each(pairs, ({ seeker, interest }) => match(seeker, interest, undefined));
  const met = Promise.all(pairs.flatMap(({ seeker, waiter }) => [seeker.hear("matched"), waiter.hear("matched")]));
  while (overflow.size < PAIRS) await overflow.step();
  await met;
  await each(pairs, async ({ seeker, waiter }) => {
    const matchId = seeker.matchId;
    await Promise.all([seeker.hear("signaled"), send(waiter, matchId, answer, true)]);
    await Promise.all([waiter.hear("signaled"), send(seeker, matchId, own, false)]);
  });
  await each(pairs, ({ seeker, waiter }) => {
    const parted = [seeker.hear("match_ended"), waiter.hear("match_ended")];
    return Promise.all([...parted, seeker.node.lobby.leave({ sessionId: seeker.sessionId, nowMs: Date.now() })]);
  });
  while (overflow.size > 0) await new Promise(setImmediate);
}

function overflowOf(home: Node, visited: Node): Overflow {
  const asRealm = ({ realm: name, lobby, guests, mailbox }: Node): Neighbour => ({
    name,
    lobby,
    guests,
    mailbox,
    clock: systemClock,
    records: { addReport: () => Promise.reject(new Error("nobody reports here")) },
    isReady: () => true,
  });
  return new Overflow({
    home: asRealm(home),
    neighbours: [asRealm(visited)],
    clock: steadyClock,
    random: systemRandom,
    meter: { visited: () => undefined },
    afterMs: 0,
    onError: (error) => {
      throw error;
    },
  });
}
