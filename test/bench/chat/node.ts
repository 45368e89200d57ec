import { steadyClock, systemClock } from "../../../src/adapters/node/clock.js";
import { Agreement } from "../../../src/adapters/redis/agreement.js";
import { systemRandom } from "../../../src/adapters/node/random.js";
import { RedisClock } from "../../../src/adapters/redis/clock.js";
import { EventCache } from "../../../src/adapters/redis/event-cache.js";
import { RedisGuests } from "../../../src/adapters/redis/guests.js";
import { RedisLobby } from "../../../src/adapters/redis/lobby.js";
import { RedisMailbox } from "../../../src/adapters/redis/mailbox.js";
import { Membership } from "../../../src/adapters/redis/membership.js";
import { ScriptRunner } from "../../../src/adapters/redis/script-runner.js";
import type { Epoch, MatchId, NetworkKey, SessionId } from "../../../src/core/ids.js";
import type { Guests } from "../../../src/ports/guests.js";
import type { Mailbox, Position } from "../../../src/ports/mailbox.js";
import type { LobbyStore } from "../../../src/ports/lobby.js";

const REALM = "bench";
/** The defaults of `MAX_DISCONNECTION_DURATION_MS` and a timeout that no measurement reaches, in milliseconds. */
const [WINDOW_MS, HANDSHAKE_MS] = [60_000, 600_000];

/** The stores of one instance of a realm, without its HTTP server. */
export class Node {
  private constructor(
    readonly realm: string,
    readonly lobby: LobbyStore,
    readonly mailbox: Mailbox,
    readonly guests: Guests,
    readonly close: () => Promise<void>,
  ) {}

  static async join(url: string, name: string, realm = REALM): Promise<Node> {
    const store = await ScriptRunner.open({ urls: [url], realm, handshakeMs: HANDSHAKE_MS }, () => undefined);
    const feeds = new EventCache();
    const clocks = { realm: new RedisClock(systemClock), steady: steadyClock };
    const agreement = new Agreement({ realm, sessionSecret: "bench", lightningNetwork: "off", matching: "" });
    const settings = { windowMs: WINDOW_MS, onSilence: () => undefined };
    const membership = await Membership.join(store, name, feeds, clocks, agreement, settings);
    const close = async () => {
      await membership.leave();
      store.close();
    };
    return new Node(
      realm,
      new RedisLobby(store, name, WINDOW_MS, () => membership.mayReap),
      new RedisMailbox(store, feeds, steadyClock),
      new RedisGuests(store, name),
      close,
    );
  }
}

/** A session with a stream, as an instance holds one. */
export class Person {
  private constructor(
    readonly node: Node,
    readonly sessionId: SessionId,
    private readonly position: Position,
    private readonly addressKey: NetworkKey,
  ) {}

  /** Opens a session from an address of its own. */
  static async open(node: Node, index: number): Promise<Person> {
    const sessionId = systemRandom.id() as SessionId;
    const addressKey = `10.${String(index >> 16)}.${String((index >> 8) & 255)}.${String(index & 255)}` as NetworkKey;
    const epoch = systemRandom.id() as Epoch;
    const session = { sessionId, epoch, addressKey, nowMs: Date.now(), maxSessions: 1e6, quotas: [] };
    const opened = await node.lobby.open(session);
    if (opened.state !== "attached") throw new Error(`a session was not opened: ${opened.state}`);
    const { generation, epoch: known } = opened;
    const position = { sessionId, generation, epoch: known, afterSequence: 0 };
    const person = new Person(node, sessionId, position, addressKey);
    node.mailbox.watch(sessionId, () => person.#onWake());
    await person.read();
    return person;
  }

  #onWake: () => void = () => undefined;

  /** The match it was in last. */
  matchId = "" as MatchId;

  /** Reads its mailbox, as a stream does after each wake-up and with each heartbeat. Returns the types of the events. */
  async read(): Promise<string[]> {
    const mail = await this.node.mailbox.read(this.position);
    if (mail.state !== "events") throw new Error(`a mailbox was not read: ${mail.state}`);
    const last = mail.events.at(-1);
    if (last !== undefined) this.position.afterSequence = last.sequence;
    for (const { event } of mail.events) if (event.type === "matched") this.matchId = event.matchId;
    return mail.events.map(({ event }) => event.type);
  }

  /** Loses its stream, and resumes. */
  async comeBack(): Promise<void> {
    const { node, sessionId, position } = this;
    const nowMs = Date.now();
    const { generation, epoch, afterSequence } = position;
    await node.lobby.detach({ sessionId, generation, awayUntilMs: nowMs + WINDOW_MS, nowMs });
    const { addressKey } = this;
    const stream = { sessionId, epoch, lastSequence: afterSequence, newEpoch: epoch, addressKey, nowMs };
    const attached = await node.lobby.attach(stream);
    if (attached.state !== "attached" || !attached.resumed) throw new Error("a session was not resumed");
    position.generation = attached.generation;
    await this.read();
  }

  /** Waits until an event of a type has been read. */
  async hear(type: string): Promise<void> {
    for (;;) {
      const woken = new Promise<void>((resolve) => (this.#onWake = resolve));
      if ((await this.read()).includes(type)) return;
      await woken;
    }
  }
}
