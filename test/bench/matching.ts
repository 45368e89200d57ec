import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { Realm } from "../../src/adapters/memory/realm.js";
import type { Epoch, SessionId, TicketId } from "../../src/core/ids.js";
import { issueTicket } from "../../src/core/ticket.js";
import { median } from "./statistics.js";

/** Matches per measured round, and rounds per size. */
const MATCHES = 5_000;
const ROUNDS = 7;

export interface MatchingRow {
  crowd: string;
  waiting: number;
  /** CPU microseconds per match: a newcomer pairs, both go, and somebody new waits in the partner's place. */
  microseconds: number;
  bytesPerWaiter: number;
}

type Wish = (index: number) => { interests: string[]; languages: string[] };

/** Crowds whose members do not fit each other, so that all of them wait until their counterpart comes. */
const crowds: Record<string, Wish> = {
  "each in a pool of its own": (index) => ({ interests: [`interest-${String(index)}`], languages: ["en"] }),
  "all in one pool": (index) => ({ interests: [], languages: [code(index)] }),
};

/** What a match costs with each number of people waiting; rounds of all sizes interleaved. */
export async function benchMatching(sizes: readonly number[]): Promise<MatchingRow[]> {
  const rows: MatchingRow[] = [];
  for (const [crowd, wish] of Object.entries(crowds)) {
    const halls: { hall: Hall; costs: number[]; bytes: number }[] = [];
    for (const size of sizes) {
      const before = heapBytes();
      const hall = new Hall(wish);
      await hall.fill(size);
      halls.push({ hall, costs: [], bytes: (heapBytes() - before) / size });
    }
    for (let round = 0; round <= ROUNDS; round++) {
      for (const { hall, costs } of halls) {
        const cost = await hall.round();
        if (round > 0) costs.push(cost); // the first one warms up
      }
    }
    halls.forEach(({ costs, bytes }, index) => {
      rows.push({ crowd, waiting: sizes[index] ?? 0, microseconds: median(costs), bytesPerWaiter: Math.round(bytes) });
    });
  }
  return rows;
}

/** A lobby with a crowd in it. */
class Hall {
  readonly #lobby = new MemoryLobby(new Realm(20_000));
  readonly #wish: Wish;
  #people = 0;
  #oldest = 0;
  #newest = 0;
  #nowMs = 1;

  constructor(wish: Wish) {
    this.#wish = wish;
  }

  async fill(size: number): Promise<void> {
    while (this.#newest < size) await this.#wait();
  }

  /** CPU microseconds per match. */
  async round(): Promise<number> {
    const before = process.cpuUsage();
    for (let count = 0; count < MATCHES; count++) await this.#pairOne();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / MATCHES;
  }

  async #wait(): Promise<void> {
    await this.#match(`w${String(this.#newest)}`, this.#wish(this.#newest));
    this.#newest++;
  }

  async #pairOne(): Promise<void> {
    const partner = `w${String(this.#oldest)}`;
    const seeker = `s${String(this.#oldest)}`;
    const pairing = await this.#match(seeker, this.#wish(this.#oldest));
    if (pairing !== "matched") throw new Error(`expected a match, got ${pairing}`);
    this.#oldest++;
    for (const name of [seeker, partner]) await this.#lobby.leave({ sessionId: name as SessionId, nowMs: this.#nowMs });
    await this.#wait();
  }

  async #match(name: string, { interests, languages }: ReturnType<Wish>): Promise<string> {
    const sessionId = name as SessionId;
    const nowMs = ++this.#nowMs;
    await this.#lobby.open({ sessionId, epoch: "e" as Epoch, nowMs, maxSessions: Infinity });
    const wish = { preferences: { interests, languages, relayOnly: false }, rematch: false };
    const ticket = issueTicket(`t${String(this.#people++)}` as TicketId, sessionId, wish, nowMs, 5_000);
    return (await this.#lobby.match({ ticket, offer: undefined, leaveMatchId: undefined, nowMs })).state;
  }
}

/** A language code of its own for each index, letters only. */
function code(index: number): string {
  return `x${index.toString(26)}`;
}

function heapBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
