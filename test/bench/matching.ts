import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import type { AddressKey, Epoch, SessionId, TicketId } from "../../src/core/ids.js";
import { defaultSchema, type MatchingSchema } from "../../src/core/matching-schema.js";
import { issueTicket, type MatchPreferences } from "../../src/core/ticket.js";
import { attributeSchema, type Counterparts, counterparts, strangers, wideSchema } from "./attributes.js";
import { ratios, spread } from "./statistics.js";
import { printTable } from "./table.js";

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
/** Matches per measured round, and rounds per size. */
const MATCHES = 2_000;
const ROUNDS = 7;

interface Crowd {
  schema: MatchingSchema;
  people: (index: number) => Counterparts;
  /** How many wait; all of `SIZES` if undefined. */
  sizes?: readonly number[];
}

/** Sessions that are incompatible with each other, so that each waits for its counterpart. */
const plainCrowds: Record<string, Crowd> = {
  "each in a pool of its own": alike((index) => ({ interests: [`interest-${String(index)}`], languages: ["en"] })),
  "all in one pool": alike((index) => ({ interests: [], languages: [code(index)] })),
};
const filteringCrowds: Record<string, Crowd> = {
  "five attributes, mixed filters": { schema: attributeSchema, people: counterparts },
  "three attributes, all wishes different": {
    schema: wideSchema,
    people: strangers(["country", "level"]),
    sizes: [1_000, 1_000_000],
  },
  // Nobody shares a place, so each takes three times the memory: 11 GB for a million.
  "five attributes, all wishes different": {
    schema: wideSchema,
    people: strangers(["mode", "country", "level", "age"]),
    sizes: [1_000, 100_000],
  },
};

/** A crowd in which the one who seeks is like the one who waits. */
function alike(wish: (index: number) => { interests: string[]; languages: string[] }): Crowd {
  const wishOf = (index: number) => ({ preferences: { ...wish(index), relayOnly: false }, rematch: false });
  return {
    schema: defaultSchema(5_000),
    people: (index) => ({ waits: wishOf(index), seeks: wishOf(index) }),
  };
}

/** A lobby and the CPU microseconds per match of each round in it. */
interface Measured {
  size: number;
  lobby: WaitingLobby;
  bytesPerWaiter: number;
  costs: number[];
}

/** The cost of a match by the number of waiting sessions. */
export async function benchMatching(): Promise<void> {
  await bench(plainCrowds);
}

/** The same with attributes and filters. */
export async function benchFilters(): Promise<void> {
  await bench(filteringCrowds);
}

async function bench(crowds: Record<string, Crowd>): Promise<void> {
  const rows: Record<string, string>[] = [];
  for (const [name, crowd] of Object.entries(crowds)) {
    const halls = await measure(crowd);
    for (const { size, costs, bytesPerWaiter } of halls) {
      rows.push({
        crowd: name,
        waiting: size.toLocaleString("en"),
        "µs CPU per match": spread(costs, 1),
        "ratio to 1,000 waiting": spread(ratios(costs, halls[0]?.costs ?? []), 2),
        "bytes per waiter": bytesPerWaiter.toFixed(0),
      });
    }
  }
  printTable(
    "Matching in memory: a new session is paired, both leave, and another waits; median (range) of the rounds",
    rows,
  );
}

/** Interleaves the rounds of all sizes, so all lobbies are full at the same time. */
async function measure(crowd: Crowd): Promise<Measured[]> {
  const halls: Measured[] = [];
  let before = heapBytes();
  for (const size of crowd.sizes ?? SIZES) {
    const lobby = new WaitingLobby(crowd);
    await lobby.fill(size);
    const after = heapBytes();
    halls.push({ size, lobby, bytesPerWaiter: (after - before) / size, costs: [] });
    before = after;
  }
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { lobby, costs } of halls) {
      const cost = await lobby.round();
      if (round > 0) costs.push(cost); // the first one warms up
    }
  }
  return halls;
}

/** A lobby with waiting sessions. */
class WaitingLobby {
  readonly #lobby = new MemoryLobby(new LobbyState(20_000));
  readonly #crowd: Crowd;
  #people = 0;
  #oldest = 0;
  #newest = 0;
  #nowMs = 1;

  constructor(crowd: Crowd) {
    this.#crowd = crowd;
  }

  async fill(size: number): Promise<void> {
    while (this.#newest < size) await this.#wait();
  }

  /** CPU microseconds per match. Each round collects its own garbage, so that it does not burden another. */
  async round(): Promise<number> {
    const before = process.cpuUsage();
    for (let count = 0; count < MATCHES; count++) await this.#pairOne();
    globalThis.gc?.({ type: "minor" });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / MATCHES;
  }

  async #wait(): Promise<void> {
    await this.#match(`w${String(this.#newest)}`, this.#crowd.people(this.#newest).waits);
    this.#newest++;
  }

  async #pairOne(): Promise<void> {
    const partner = `w${String(this.#oldest)}`;
    const seeker = `s${String(this.#oldest)}`;
    const pairing = await this.#match(seeker, this.#crowd.people(this.#oldest).seeks);
    if (pairing !== "matched") throw new Error(`expected a match, got ${pairing}`);
    this.#oldest++;
    for (const name of [seeker, partner]) await this.#lobby.leave({ sessionId: name as SessionId, nowMs: this.#nowMs });
    await this.#wait();
  }

  async #match(name: string, wish: MatchPreferences): Promise<string> {
    const sessionId = name as SessionId;
    const nowMs = ++this.#nowMs;
    await this.#lobby.open({
      sessionId,
      addressKey: "net" as AddressKey,
      epoch: "e" as Epoch,
      nowMs,
      maxSessions: Infinity,
      quotas: [],
    });
    const ticket = issueTicket(`t${String(this.#people++)}` as TicketId, sessionId, wish, nowMs, this.#crowd.schema);
    return (await this.#lobby.match({ ticket, offer: undefined, leaveMatchId: undefined, nowMs })).state;
  }
}

/** A different language code for each index, letters only. */
function code(index: number): string {
  return `x${index.toString(26)}`;
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
