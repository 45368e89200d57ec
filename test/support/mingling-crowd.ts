import { MemoryLobby } from "../../src/adapters/memory/lobby.js";
import { LobbyState } from "../../src/adapters/memory/lobby-state.js";
import { MemoryMailbox } from "../../src/adapters/memory/mailbox.js";
import { systemRandom } from "../../src/adapters/node/random.js";
import type { AddressKey, DeviceKey, Epoch, SessionId, TicketId } from "../../src/core/ids.js";
import { AVOID_MS } from "../../src/core/limits.js";
import { defaultSchema } from "../../src/core/matching-schema.js";
import { networkKey } from "../../src/core/network-key.js";
import { sessionKey } from "../../src/core/session-key.js";
import { issueTicket } from "../../src/core/ticket.js";

const START_MS = 1_800_000_000_000;
const HANDSHAKE_MS = 20_000;

/** Sessions of a lobby in memory, each on a network of its own, that meet all others. */
export class MinglingCrowd {
  readonly #lobby: MemoryLobby;
  readonly #mailbox: MemoryMailbox;
  readonly #people: SessionId[] = [];
  #nowMs = START_MS;

  private constructor() {
    const realm = new LobbyState(HANDSHAKE_MS);
    this.#lobby = new MemoryLobby(realm);
    this.#mailbox = new MemoryMailbox(realm);
  }

  /** @param device the key of a session's browser, if it is known */
  static async gather(size: number, device: () => DeviceKey | undefined): Promise<MinglingCrowd> {
    const crowd = new MinglingCrowd();
    while (crowd.#people.length < size) {
      const sessionId = systemRandom.id() as SessionId;
      const network = networkKey(["/64", "/56", "/48"].map(() => systemRandom.id() as AddressKey));
      const about = { sessionId, addressKey: sessionKey({ device: device() }, network), quotas: [], maxSessions: size };
      await crowd.#lobby.open({ ...about, epoch: "e" as Epoch, nowMs: START_MS });
      crowd.#people.push(sessionId);
    }
    return crowd;
  }

  /** Lets each meet all others, with a pause after each round. Delivered events are trimmed. */
  async mingle(pauseMs: number): Promise<void> {
    for (const pairs of rounds(this.#people)) {
      for (const [ann, bob] of pairs) await this.#meet(ann, bob);
      this.#nowMs = Math.floor(this.#nowMs + pauseMs);
      await this.#lobby.expire({ nowMs: this.#nowMs, limit: 1 });
    }
  }

  async #meet(ann: SessionId, bob: SessionId): Promise<void> {
    const nowMs = this.#nowMs;
    await this.#seek(ann, `${ann} ${bob}`);
    const { state } = await this.#seek(bob, `${ann} ${bob}`);
    if (state !== "matched") throw new Error(`two of a crowd did not meet: ${state}`);
    await this.#lobby.leave({ sessionId: ann, nowMs });
    for (const id of [ann, bob]) await this.#mailbox.trim(id, Infinity);
  }

  #seek(sessionId: SessionId, pair: string): ReturnType<MemoryLobby["match"]> {
    const wish = { preferences: { interests: [pair], languages: [], relayOnly: false }, rematch: false };
    const [id, schema] = [systemRandom.id() as TicketId, defaultSchema(AVOID_MS)];
    const ticket = issueTicket(id, sessionId, wish, this.#nowMs, schema);
    return this.#lobby.match({ ticket, offer: undefined, leaveMatchId: undefined, nowMs: this.#nowMs });
  }
}

/** Rounds of pairs in which each meets all others: the first stays in place, the others move on. */
function* rounds([first, ...others]: readonly SessionId[]): Iterable<[SessionId, SessionId][]> {
  const at = (index: number) => others[index % others.length] ?? ("" as SessionId);
  for (let round = 0; round < others.length; round++) {
    const pairs: [SessionId, SessionId][] = [[first ?? ("" as SessionId), at(round)]];
    for (let apart = 1; apart <= (others.length - 1) / 2; apart++) {
      pairs.push([at(round + apart), at(round + others.length - apart)]);
    }
    yield pairs;
  }
}
