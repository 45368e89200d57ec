import { CallClient, startSatoshigle } from "./calls/satoshigle.js";
import { leaveRequest } from "./calls/requests.js";
import { type Closer, closing } from "./redis/closing.js";
import { type RedisMeter, startRedis } from "./redis/meter.js";
import type { MeasuredProcess } from "./redis/process.js";
import { RawClient } from "./redis/raw-client.js";
import { spread } from "./statistics.js";
import { printTable } from "./table.js";

/** Pairs, each of which meets someone else in every round. The first round warms the server up. */
const PAIRS = 300;
const ROUNDS = 5;
const AT_ONCE = 8;

const CALLS = {
  opens: "`Signal`: a new session",
  waits: "`Match` that waits",
  finds: "`Match` that finds a partner, with an offer",
  answers: "`Send` of an answer",
  sends: "`Send` of ten candidates",
  leaves: "`Leave` of a match",
  returns: "`Signal`: a stream breaks and is resumed",
} as const;
type Call = keyof typeof CALLS;

/** The CPU time of the server for each call, in memory and with Redis, and that of Redis, in microseconds. */
export async function benchVerbs(rounds = ROUNDS): Promise<void> {
  const inMemory = await measure(rounds, false);
  const withRedis = await measure(rounds, true);
  const show = (values: number[]) => spread(values.slice(1), 0);
  printTable(
    "CPU of a call, µs: both sides of it, with the events that it causes; median (range) of the rounds",
    (Object.keys(CALLS) as Call[]).map((call) => ({
      call: CALLS[call],
      "Node.js, in memory": show(inMemory[call].node),
      "Node.js, with Redis": show(withRedis[call].node),
      Redis: show(withRedis[call].redis),
    })),
  );
}

type Costs = Record<Call, { node: number[]; redis: number[] }>;

function measure(rounds: number, isRedis: boolean): Promise<Costs> {
  return closing(async (later) => {
    const redis = isRedis ? await startRedis(later) : undefined;
    const server = await startServer(redis?.url, later);
    const crowd = new Crowd(server, redis?.meter);
    for (let round = 0; round <= rounds; round++) await crowd.talk(round);
    return crowd.costs;
  });
}

function startServer(url: string | undefined, later: (closer: Closer) => void): Promise<MeasuredProcess> {
  const shared = { MAX_DISCONNECTION_DURATION_MS: "60000" };
  return startSatoshigle(
    true,
    {},
    later,
    url === undefined ? shared : { ...shared, REDIS_ENABLED: "true", REDIS_URL: url },
  );
}

/** Pairs of clients of one server. */
class Crowd {
  readonly costs = Object.fromEntries(
    Object.keys(CALLS).map((call) => [call, { node: [], redis: [] }]),
  ) as never as Costs;

  constructor(
    private readonly server: MeasuredProcess,
    private readonly meter: RedisMeter | undefined,
  ) {}

  /** New people arrive, meet, negotiate, part, lose their streams and come back, and leave. */
  async talk(round: number): Promise<void> {
    const people: CallClient[] = [];
    await this.#cost("opens", 2 * PAIRS, async () => {
      people.push(new CallClient(await RawClient.open(this.server.port)));
    });
    for (const { client } of people) await client.connect();
    const pairOf = (index: number) => [people[2 * index], people[2 * index + 1]] as [CallClient, CallClient];
    const nameOf = (index: number) => `${String(round)}-${String(index)}`;
    const matched: Promise<unknown>[] = [];
    await this.#cost("waits", PAIRS, async (index) => {
      matched[index] = (await pairOf(index)[0].ask(nameOf(index), false)).matched;
    });
    await this.#cost("finds", PAIRS, async (index) => {
      await Promise.all([(await pairOf(index)[1].ask(nameOf(index), true)).matched, matched[index]]);
    });
    await this.#cost("answers", PAIRS, async (index) => {
      const [waiter, seeker] = pairOf(index);
      await Promise.all([waiter.send("answer"), seeker.untilReceived(1)]);
    });
    await this.#cost("sends", PAIRS, async (index) => {
      const [waiter, seeker] = pairOf(index);
      await Promise.all([seeker.send("candidates"), waiter.untilReceived(1)]);
    });
    await this.#cost("leaves", PAIRS, async (index) => {
      const [waiter, seeker] = pairOf(index);
      const ended = [waiter, seeker].map(({ client }) => client.next("matchEnded"));
      await Promise.all([seeker.client.write(leaveRequest(seeker.client)), ...ended]);
    });
    const back: RawClient[] = [];
    await this.#cost("returns", 2 * PAIRS, async (index) => {
      const client = people[index]?.client;
      client?.close();
      back.push(await RawClient.open(this.server.port, client?.token));
    });
    for (const client of back) {
      await client.connect();
      await client.write(leaveRequest(client));
      client.close();
    }
  }

  /** Makes a call `count` times, a few at a time, and notes what one costs. */
  async #cost(call: Call, count: number, make: (index: number) => Promise<void>): Promise<void> {
    const before = await this.#used();
    const left = Array.from({ length: count }, (_, index) => index).values();
    const makeInTurn = async () => {
      for (const index of left) await make(index);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, makeInTurn));
    const after = await this.#used();
    this.costs[call].node.push((after.node - before.node) / count);
    this.costs[call].redis.push((after.redis - before.redis) / count);
  }

  async #used(): Promise<{ node: number; redis: number }> {
    return { node: await this.server.cpuMicroseconds(), redis: (await this.meter?.cpuMicroseconds()) ?? 0 };
  }
}
