import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Closer } from "../redis/closing.js";
import { Guest } from "../redis/guest.js";
import { MeasuredProcess, type Placing } from "../redis/process.js";
import { failure } from "../redis/system.js";
import { leaveRequest, matchRequest, type Parcel, sendRequest } from "./requests.js";
import { CANDIDATES, type System } from "./system.js";

/** The built server as an operator runs it, with limits that one address does not reach. */
const variables = {
  NODE_ENV: "production",
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

/** Starts our server; without the direct path, the library serves every call. */
export async function startSatoshigle(
  direct: boolean,
  placing: Placing,
  later: (closer: Closer) => void,
): Promise<MeasuredProcess> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-bench-"));
  later(() => rm(folder, { recursive: true }));
  const settings = { ...variables, DATA_DIR: folder, DIRECT_PATH: String(direct) };
  return MeasuredProcess.start(["dist/src/main.js"], settings, later, placing);
}

/** What of a call a unit has. */
export type Unit = "full exchange" | "our client's protocol";

/** The people on one of our servers. */
interface Crowd {
  server: MeasuredProcess;
  waiters: Talker[];
  seekers: Talker[];
  failed: Promise<never>;
  /** Passes so far: two who met avoid each other for a minute, so each pass pairs others. */
  passes: number;
}

/** Our server under one kind of exchange. */
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
    direct: boolean,
    pairs: number,
    placing: Placing,
    later: (closer: Closer) => void,
  ): Promise<Record<Unit, Satoshigle>> {
    const server = await startSatoshigle(direct, placing, later);
    const { failed, fail } = failure();
    const people: Talker[] = [];
    while (people.length < 2 * pairs) {
      const guest = await Guest.open(server.port);
      guest.onFailure = fail;
      people.push(new Talker(guest));
    }
    const crowd = { server, waiters: people.slice(pairs), seekers: people.slice(0, pairs), failed, passes: 0 };
    const title = direct ? "ours" : "ours on the library's generic path";
    const under = (unit: Unit) => new Satoshigle(title, unit, crowd);
    return { "full exchange": under("full exchange"), "our client's protocol": under("our client's protocol") };
  }

  get pairs(): number {
    return this.crowd.waiters.length;
  }

  /** Everybody is idle and has a fresh connection for calls. */
  async prepare(): Promise<void> {
    this.#shift = this.crowd.passes++;
    for (const { guest } of [...this.crowd.waiters, ...this.crowd.seekers]) {
      await guest.connect();
      await guest.call("MatchService/Leave", new Uint8Array());
    }
  }

  async exchange(pass: number, index: number): Promise<void> {
    if (pass > 0 && index === 0) this.#shift = this.crowd.passes++;
    const waiter = this.crowd.waiters[index];
    const seeker = this.crowd.seekers[(index + this.#shift) % this.pairs];
    if (waiter === undefined || seeker === undefined) throw new Error("there are not so many pairs");
    await Promise.all([waiter, seeker].map(({ guest }) => guest.freshen()));
    const interest = `${String(this.#shift)}-${String(index)}`;
    await (this.unit === "full exchange"
      ? exchangeAll(waiter, seeker, interest)
      : callAsClient(waiter, seeker, interest));
  }
}

/** Somebody who can be told to say things, and waited for until they heard things. */
export class Talker {
  #matchId = "";
  #sequence = 0;
  #heard = 0;
  #awaited = 0;
  #onHeard: () => void = () => undefined;

  constructor(readonly guest: Guest) {
    guest.onSignal = () => {
      if (++this.#heard === this.#awaited) this.#onHeard();
    };
  }

  /** Asks for a partner; `matched` comes about once the partner asks too. */
  async ask(interest: string, withOffer: boolean): Promise<{ matched: Promise<void> }> {
    const matched = this.guest.next("matched").then(({ matchId }) => {
      this.#matchId = matchId;
      this.#sequence = 0;
    });
    this.#heard = this.#awaited = 0;
    await this.guest.write(matchRequest(this.guest, interest, withOffer, withOffer ? this.#matchId : ""));
    return { matched };
  }

  send(parcel: Parcel): Promise<void> {
    return this.guest.write(sendRequest(this.guest, this.#matchId, ++this.#sequence, parcel));
  }

  /** Once so many messages with signals have come in this match. */
  hears(count: number): Promise<void> {
    if (this.#heard >= count) return Promise.resolve();
    this.#awaited = count;
    return new Promise((resolve) => (this.#onHeard = resolve));
  }
}

/** Two calls of Match, offer, answer, each candidate by itself, two calls of Leave: 26 in all. */
async function exchangeAll(waiter: Talker, seeker: Talker, interest: string): Promise<void> {
  await begin(waiter, seeker, interest, false);
  await Promise.all([seeker.send("offer"), waiter.hears(1)]);
  await Promise.all([waiter.send("answer"), seeker.hears(1)]);
  const heard = Promise.all([waiter, seeker].map((side) => side.hears(1 + CANDIDATES)));
  await Promise.all([trickle(waiter), trickle(seeker), heard]);
  const ended = [waiter, seeker].map(({ guest }) => guest.next("matchEnded"));
  await Promise.all([waiter, seeker].map(({ guest }) => guest.write(leaveRequest(guest))));
  await Promise.all(ended);
}

/** Each is acknowledged before the next goes out, as the protocol wants it. */
async function trickle(side: Talker): Promise<void> {
  for (let left = CANDIDATES; left > 0; left--) await side.send("candidate");
}

/**
 * What our client makes of it: "next" leaves the match before, the offer made in advance travels in it, the answer goes
 * at once, the candidates of a side together. Five calls.
 */
async function callAsClient(waiter: Talker, seeker: Talker, interest: string): Promise<void> {
  await begin(waiter, seeker, interest, true);
  const heard = Promise.all([seeker.hears(2), waiter.hears(1)]);
  await waiter.send("answer");
  await Promise.all([waiter.send("candidates"), seeker.send("candidates"), heard]);
}

async function begin(waiter: Talker, seeker: Talker, interest: string, withOffer: boolean): Promise<void> {
  const first = await waiter.ask(interest, withOffer); // in this order: who waits has its offer dropped
  const second = await seeker.ask(interest, withOffer);
  await Promise.all([first.matched, second.matched]);
}
