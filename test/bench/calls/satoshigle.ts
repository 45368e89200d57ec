import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Closer } from "../redis/closing.js";
import { RawClient } from "../redis/raw-client.js";
import { MeasuredProcess, type Placing } from "../redis/process.js";
import { failure } from "../redis/system.js";
import { leaveRequest, matchRequest, type Parcel, sendRequest } from "./requests.js";
import { CANDIDATES, type System } from "./system.js";

/** The built server in production mode, with limits that one address does not reach. */
const variables = {
  NODE_ENV: "production",
  CHALLENGE: "off",
  HOST: "127.0.0.1",
  PORT: "0",
  INTERNAL_PORT: "0",
  CLIENT_URL: "http://localhost",
  SESSION_SECRET: "only-for-the-benchmark-on-loopback",
  MAX_CONNECTIONS_PER_IP: "10000",
  RATE_LIMIT_MAX_REQUESTS: "1000000",
  CONNECTION_TIMEOUT_MS: "300000",
  WIDEN_AFTER_MS: "600000",
  MAX_LOOP_DELAY_MS: "10000",
};

/** Starts our server; without the fast path, the library serves every call. */
export async function startSatoshigle(
  fastPath: boolean,
  placing: Placing,
  later: (closer: Closer) => void,
  others: Record<string, string> = {},
): Promise<MeasuredProcess> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-bench-"));
  later(() => rm(folder, { recursive: true }));
  const settings = { ...variables, ...others, DATA_DIR: folder, FAST_PATH: String(fastPath) };
  return MeasuredProcess.start(["dist/server/main.js"], settings, later, placing);
}

/** The parts of a call that a unit of work includes. */
export type Unit = "full exchange" | "our client's protocol";

/** The clients of one server. */
interface Crowd {
  server: MeasuredProcess;
  waiters: CallClient[];
  seekers: CallClient[];
  failed: Promise<never>;
  /** Passes so far. Partners avoid each other for a minute, so each pass pairs others. */
  passes: number;
}

/** Our server with one kind of exchange. */
export class Satoshigle implements System {
  readonly name: string;
  readonly server: MeasuredProcess;
  readonly failed: Promise<never>;
  #shift = 0;

  private constructor(
    title: string,
    private readonly unit: Unit,
    private readonly crowd: Crowd,
  ) {
    this.name = `${title}, ${unit}`;
    this.server = crowd.server;
    this.failed = crowd.failed;
  }

  static async start(
    fastPath: boolean,
    pairs: number,
    placing: Placing,
    later: (closer: Closer) => void,
  ): Promise<Record<Unit, Satoshigle>> {
    const server = await startSatoshigle(fastPath, placing, later);
    return Satoshigle.gather(fastPath ? "ours" : "ours on the library's generic path", server, server.port, pairs);
  }

  /** @param port where the clients reach the server, which may be behind a proxy */
  static async gather(
    title: string,
    server: MeasuredProcess,
    port: number,
    pairs: number,
  ): Promise<Record<Unit, Satoshigle>> {
    const { failed, fail } = failure();
    const people: CallClient[] = [];
    while (people.length < 2 * pairs) {
      const client = await RawClient.open(port);
      client.onFailure = fail;
      people.push(new CallClient(client));
    }
    const crowd = { server, waiters: people.slice(pairs), seekers: people.slice(0, pairs), failed, passes: 0 };
    const under = (unit: Unit) => new Satoshigle(title, unit, crowd);
    return { "full exchange": under("full exchange"), "our client's protocol": under("our client's protocol") };
  }

  get pairs(): number {
    return this.crowd.waiters.length;
  }

  /** Makes all clients idle, with new connections for calls. */
  async prepare(): Promise<void> {
    this.#shift = this.crowd.passes++;
    for (const { client } of [...this.crowd.waiters, ...this.crowd.seekers]) {
      await client.connect();
      await client.call("MatchService/Leave", new Uint8Array());
    }
  }

  async exchange(pass: number, index: number): Promise<void> {
    if (pass > 0 && index === 0) this.#shift = this.crowd.passes++;
    const waiter = this.crowd.waiters[index];
    const seeker = this.crowd.seekers[(index + this.#shift) % this.pairs];
    if (waiter === undefined || seeker === undefined) throw new Error("there are not so many pairs");
    await Promise.all([waiter, seeker].map(({ client }) => client.freshen()));
    const interest = `${String(this.#shift)}-${String(index)}`;
    await (this.unit === "full exchange"
      ? exchangeAll(waiter, seeker, interest)
      : callAsClient(waiter, seeker, interest));
  }
}

/** A server that answers our client with prepared bytes: what HTTP in Node.js costs without ours. */
export async function startPlainHttp(
  pairs: number,
  placing: Placing,
  later: (closer: Closer) => void,
): Promise<Record<Unit, Satoshigle>> {
  const server = await MeasuredProcess.start(
    ["--import", "tsx", "test/bench/calls/http-server.ts"],
    {},
    later,
    placing,
  );
  return Satoshigle.gather("the same bytes on plain node:http", server, server.port, pairs);
}

/** Sends the calls of a match, and waits for received signals. */
export class CallClient {
  #matchId = "";
  #sequence = 0;
  #received = 0;
  #awaited = 0;
  #onReceived: () => void = () => undefined;

  constructor(readonly client: RawClient) {
    client.onSignal = () => {
      if (++this.#received === this.#awaited) this.#onReceived();
    };
  }

  /** Asks for a partner. `matched` resolves once the partner asks too. */
  async ask(interest: string, withOffer: boolean): Promise<{ matched: Promise<void> }> {
    const matched = this.client.next("matched").then(({ matchId }) => {
      this.#matchId = matchId;
      this.#sequence = 0;
    });
    this.#received = this.#awaited = 0;
    await this.client.write(matchRequest(this.client, interest, withOffer, withOffer ? this.#matchId : ""));
    return { matched };
  }

  send(parcel: Parcel): Promise<void> {
    return this.client.write(sendRequest(this.client, this.#matchId, ++this.#sequence, parcel));
  }

  /** Resolves when this many messages with signals have arrived in this match. */
  untilReceived(count: number): Promise<void> {
    if (this.#received >= count) return Promise.resolve();
    this.#awaited = count;
    return new Promise((resolve) => (this.#onReceived = resolve));
  }
}

/** Two calls of Match, offer, answer, each candidate separately, two calls of Leave: 26 in all. */
async function exchangeAll(waiter: CallClient, seeker: CallClient, interest: string): Promise<void> {
  await begin(waiter, seeker, interest, false);
  await Promise.all([seeker.send("offer"), waiter.untilReceived(1)]);
  await Promise.all([waiter.send("answer"), seeker.untilReceived(1)]);
  const received = Promise.all([waiter, seeker].map((side) => side.untilReceived(1 + CANDIDATES)));
  await Promise.all([trickle(waiter), trickle(seeker), received]);
  const ended = [waiter, seeker].map(({ client }) => client.next("matchEnded"));
  await Promise.all([waiter, seeker].map(({ client }) => client.write(leaveRequest(client))));
  await Promise.all(ended);
}

/** Each is acknowledged before the next is sent, as the protocol requires. */
async function trickle(side: CallClient): Promise<void> {
  for (let left = CANDIDATES; left > 0; left--) await side.send("candidate");
}

/**
 * The calls of our client: "next" leaves the match before and contains the prepared offer, the answer is sent at once,
 * the candidates of a side together. Five calls.
 */
async function callAsClient(waiter: CallClient, seeker: CallClient, interest: string): Promise<void> {
  await begin(waiter, seeker, interest, true);
  const received = Promise.all([seeker.untilReceived(2), waiter.untilReceived(1)]);
  await waiter.send("answer");
  await Promise.all([waiter.send("candidates"), seeker.send("candidates"), received]);
}

async function begin(waiter: CallClient, seeker: CallClient, interest: string, withOffer: boolean): Promise<void> {
  const first = await waiter.ask(interest, withOffer); // in this order, as the offer of the waiting side is dropped
  const second = await seeker.ask(interest, withOffer);
  await Promise.all([first.matched, second.matched]);
}
