import type { AddressKey, Epoch, SessionId, TicketId } from "../../src/core/ids.js";
import { issueTicket, type MatchPreferences } from "../../src/core/ticket.js";
import type { Stores } from "../contract/lobby-harness.js";
import { redisStores } from "../support/redis-stores.js";
import { attributeSchema, counterparts } from "./attributes.js";
import { closing } from "./redis/closing.js";
import { type RedisMeter, startRedis } from "./redis/meter.js";
import { ratios, spread } from "./statistics.js";
import { printTable } from "./table.js";

const SIZES = [1_000, 100_000];
/** Matches per measured round, and rounds per size. */
const MATCHES = 500;
const ROUNDS = 5;
/** Calls under way while the crowd arrives. */
const AT_A_TIME = 64;

/** Redis's cost of a match by the number of waiting sessions, with five attributes and mixed filters. */
export async function benchAttributes(): Promise<void> {
  await closing(async (later) => {
    const crowds: { crowd: SharedCrowd; costs: number[] }[] = [];
    for (const size of SIZES) {
      const { url, meter } = await startRedis(later);
      const stores = await redisStores([url], 600_000, 600_000);
      later(() => stores.close());
      const crowd = new SharedCrowd(stores, meter);
      await crowd.fill(size);
      crowds.push({ crowd, costs: [] });
    }
    for (let round = 0; round <= ROUNDS; round++) {
      for (const { crowd, costs } of crowds) {
        const cost = await crowd.round();
        if (round > 0) costs.push(cost); // the first one warms up
      }
    }
    const rows = crowds.map(({ costs }, index) => ({
      waiting: (SIZES[index] ?? 0).toLocaleString("en"),
      "Redis CPU µs per match": spread(costs, 0),
      "ratio to 1,000 waiting": spread(ratios(costs, crowds[0]?.costs ?? []), 2),
    }));
    printTable("Matching in Redis by five attributes: a session is paired, both leave, and another waits", rows);
  });
}

/** Waiting sessions in Redis. */
class SharedCrowd {
  #tickets = 0;
  #oldest = 0;
  #newest = 0;
  #nowMs = 1_800_000_000_000;

  constructor(
    private readonly stores: Stores,
    private readonly meter: RedisMeter,
  ) {}

  async fill(size: number): Promise<void> {
    const arrive = async () => {
      while (this.#newest < size) await this.#wait();
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, arrive));
  }

  /** Redis's CPU microseconds per match. */
  async round(): Promise<number> {
    const before = await this.meter.cpuMicroseconds();
    for (let count = 0; count < MATCHES; count++) await this.#pairOne();
    return ((await this.meter.cpuMicroseconds()) - before) / MATCHES;
  }

  async #wait(): Promise<void> {
    const index = this.#newest++;
    await this.#match(`w${String(index)}`, counterparts(index).waits);
  }

  async #pairOne(): Promise<void> {
    const index = this.#oldest++;
    const seeker = `s${String(index)}`;
    const state = await this.#match(seeker, counterparts(index).seeks);
    if (state !== "matched") throw new Error(`expected a match, got ${state}`);
    for (const name of [seeker, `w${String(index)}`]) {
      await this.stores.lobby.leave({ sessionId: name as SessionId, nowMs: this.#nowMs });
    }
    await this.#wait();
  }

  async #match(name: string, wish: MatchPreferences): Promise<string> {
    const sessionId = name as SessionId;
    const nowMs = ++this.#nowMs;
    const addressKey = `net-${name}` as AddressKey;
    this.stores.mailbox.watch(sessionId, () => undefined); // a node releases sessions that have no stream
    await this.stores.lobby.open({ sessionId, addressKey, epoch: "e" as Epoch, nowMs, maxSessions: 1e9, quotas: [] });
    const id = `t${String(this.#tickets++)}` as TicketId;
    const ticket = issueTicket(id, sessionId, wish, nowMs, attributeSchema);
    return (await this.stores.lobby.match({ ticket, offer: undefined, leaveMatchId: undefined, nowMs })).state;
  }
}
