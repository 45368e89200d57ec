import { setTimeout as sleep } from "node:timers/promises";
import type { MatchId } from "../../src/core/ids.js";
import { answer, type Cost, costOf, each, match, offer, open, own, send } from "./chat/calls.js";
import { Node, type Person } from "./chat/node.js";
import { chatBetween } from "./chat/realms.js";
import { closing } from "./redis/closing.js";
import { type RedisMeter, startRedis } from "./redis/meter.js";
import { spread } from "./statistics.js";
import { printTable } from "./table.js";

/** Pairs, each of which meets someone else in every round, and sessions that only wait for nothing. */
const [PAIRS, IDLE] = [500, 5_000];
const ROUNDS = 5;
/** Longer than a mailbox that was read is valid without the bus, in milliseconds. */
const REST_MS = 6_000;
/** The default of `HEARTBEAT_INTERVAL_MS`, in seconds. */
const HEARTBEAT_S = 15;

/** What Redis does for the calls of a chat, in the order in which they are made. */
const CALLS = {
  waits: "`Match` that waits",
  finds: "`Match` that finds a partner, with an offer",
  answers: "`Send` of an answer and five candidates",
  sends: "`Send` of five candidates",
  leaves: "`Leave` of a match",
} as const;
type CallCosts = Record<keyof typeof CALLS, Cost>;

/** The CPU time of Redis for a chat and for each of its calls, for the streams of sessions, and for their upkeep. */
export async function benchChat(): Promise<void> {
  await closing(async (later) => {
    const { url, meter } = await startRedis(later);
    const nodes = await Promise.all([Node.join(url, "node-1"), Node.join(url, "node-2")]);
    for (const node of nodes) later(() => node.close());
    const [one, other] = nodes;
    const seekers = await open(one, 0, PAIRS);
    const waiters = await open(other, PAIRS, PAIRS);
    const chats: CallCosts[] = [];
    for (let round = 0; round <= ROUNDS; round++) chats.push(await chat(meter, round, seekers, waiters));
    const returns: Cost[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      returns.push(await costOf(meter, PAIRS, () => each(seekers, (person) => person.comeBack())));
    }
    const opened: Cost[] = [];
    const idle: Person[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const from = 2 * PAIRS + idle.length;
      const count = IDLE / (ROUNDS + 1);
      opened.push(await costOf(meter, count, async () => void idle.push(...(await open(one, from, count)))));
    }
    const heartbeats: Cost[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      await sleep(REST_MS);
      heartbeats.push(await costOf(meter, IDLE * HEARTBEAT_S, () => each(idle, (person) => person.read())));
    }
    const between = await chatBetween(url, meter, ROUNDS, later);
    printTable("Redis, per operation; median (range) of the rounds", [
      ...Object.entries(CALLS).map(([call, name]) => {
        const costs = chats.map((costs) => costs[call as keyof CallCosts]);
        return row(name, costs);
      }),
      row("a chat: all of these", chats.map(sum)),
      row("a chat between two realms, on one Redis", between),
      row("a new session", opened),
      row("a stream that breaks and is resumed", returns),
      row("a second of an idle stream", heartbeats),
    ]);
  });
}

/** All pairs meet, negotiate and part. Those who waited are met by others in each round. */
async function chat(meter: RedisMeter, round: number, seekers: Person[], waiters: Person[]): Promise<CallCosts> {
  const pairs = seekers.map((seeker, index) => {
    const waiter = waiters[(index + round) % waiters.length] ?? seeker;
    return { seeker, waiter, interest: `${String(round)}-${String(index)}`, matchId: "" as MatchId };
  });
  type Pair = (typeof pairs)[number];
  const cost = (call: (pair: Pair) => Promise<unknown>) => costOf(meter, PAIRS, () => each(pairs, call));
  return {
    waits: await cost(({ waiter, interest }) => match(waiter, interest, undefined)),
    finds: await cost(async (pair) => {
      const { seeker, waiter, interest } = pair;
      const met = [seeker.hear("matched"), waiter.hear("matched")];
      pair.matchId = await match(seeker, interest, offer);
      await Promise.all(met);
    }),
    answers: await cost(({ waiter, seeker, matchId }) =>
      Promise.all([seeker.hear("signaled"), send(waiter, matchId, answer, true)]),
    ),
    sends: await cost(({ waiter, seeker, matchId }) =>
      Promise.all([waiter.hear("signaled"), send(seeker, matchId, own, false)]),
    ),
    leaves: await cost(({ seeker, waiter }) => {
      const parted = [seeker.hear("match_ended"), waiter.hear("match_ended")];
      return Promise.all([...parted, seeker.node.lobby.leave({ sessionId: seeker.sessionId, nowMs: Date.now() })]);
    }),
  };
}

function sum(costs: CallCosts): Cost {
  const of = (name: keyof Cost) => Object.values(costs).reduce((total, cost) => total + cost[name], 0);
  return { scripts: of("scripts"), commands: of("commands"), redis: of("redis") };
}

function row(operation: string, costs: readonly Cost[]): Record<string, string> {
  const show = (name: keyof Cost, digits: number) =>
    spread(
      costs.slice(1).map((cost) => cost[name]),
      digits,
    );
  return {
    operation,
    scripts: show("scripts", 2),
    "commands inside": show("commands", 1),
    "Redis CPU µs": show("redis", 2),
  };
}
