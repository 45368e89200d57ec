import { DomainError } from "../../core/errors.js";
import type { Clock } from "../../ports/clock.js";
import type { Guests } from "../../ports/guests.js";
import type { Neighbour } from "../../ports/neighbour.js";
import { type Agreement, readGuestTerms } from "./agreement.js";
import { RedisClock } from "./clock.js";
import { EventCache } from "./event-cache.js";
import { RedisGuests } from "./guests.js";
import { RedisLobby } from "./lobby.js";
import { RedisRecords } from "./moderation-store.js";
import { RedisMailbox } from "./mailbox.js";
import { Membership } from "./membership.js";
import { ScriptRunner } from "./script-runner.js";

/** The pause before an instance tries to join a neighbour again, in milliseconds. */
const REJOIN_MS = 5_000;
/** How long clients of a neighbour that is away should wait, in milliseconds. */
const RETRY_MS = 1_000;

export interface NeighbourSettings {
  name: string;
  urls: readonly string[];
  /** The name of this instance among the nodes of the neighbour; see `visitorName`. */
  node: string;
  agreement: Agreement;
  windowMs: number;
  system: Clock;
  steady: Clock;
  /** Called once with each problem, a sentence, and without one after recovery. */
  onChange: (trouble?: string) => void;
}

/** What exists while the instance is a node of the neighbour. */
interface Link {
  store: ScriptRunner;
  membership: Membership;
  lobby: RedisLobby;
  guests: RedisGuests;
  mailbox: RedisMailbox;
  records: RedisRecords;
}

/**
 * A neighbour realm in Redis, of which this instance is a node that takes no streams. It joins in the background and
 * again after every failure, so that a neighbour that is away or has other settings does not disturb the home realm.
 */
export class RedisNeighbour implements Neighbour {
  readonly name: string;
  readonly clock: RedisClock;
  readonly #eventCache = new EventCache();
  #link: Link | undefined;
  /** Why it has not joined. */
  #trouble = "it is not joined yet";
  #isTold = false;
  #isClosed = false;
  #joining: Promise<void> = Promise.resolve();
  #cancel: () => void = () => undefined;

  constructor(private readonly settings: NeighbourSettings) {
    this.name = settings.name;
    this.clock = new RedisClock(settings.system);
    this.#joining = this.#join();
  }

  readonly lobby: Neighbour["lobby"] = {
    relay: (post) => this.#open.then(({ lobby }) => lobby.relay(post)),
    detach: (stream) => this.#open.then(({ lobby }) => lobby.detach(stream)),
    count: () => this.#open.then(({ lobby }) => lobby.count()),
  };

  readonly guests: Guests = {
    reserve: (request) => this.#open.then(({ guests }) => guests.reserve(request)),
    release: (reserved) => this.#open.then(({ guests }) => guests.release(reserved)),
    visit: (visit) => this.#open.then(({ guests }) => guests.visit(visit)),
    receive: (reception) => this.#open.then(({ guests }) => guests.receive(reception)),
    depart: (departure) => this.#open.then(({ guests }) => guests.depart(departure)),
    takeOver: (guest) => this.#open.then(({ guests }) => guests.takeOver(guest)),
    strays: (request) => this.#open.then(({ guests }) => guests.strays(request)),
    handOver: (guests) => this.#open.then((link) => link.guests.handOver(guests)),
  };

  readonly records: Neighbour["records"] = {
    addReport: (report, rules) => this.#open.then(({ records }) => records.addReport(report, rules)),
  };

  readonly mailbox: Neighbour["mailbox"] = {
    read: (position) => this.#open.then(({ mailbox }) => mailbox.read(position)),
    watch: (sessionId, wake) => this.#eventCache.watch(sessionId, wake),
    trim: (sessionId, beforeMs) => this.#open.then(({ mailbox }) => mailbox.trim(sessionId, beforeMs)),
  };

  isReady(): boolean {
    return this.#link?.membership.isHealthy === true && this.#link.membership.agrees;
  }

  /** The present problem, a sentence; empty if there is none. */
  get troubles(): string[] {
    const link = this.#link;
    const all = link === undefined ? [this.#trouble] : [...link.store.health.sentences, ...link.membership.troubles];
    return all.slice(0, 1).map((what) => this.#describe(what));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#joining;
    await this.#leave();
  }

  get #open(): Promise<Link> {
    if (this.#link !== undefined) return Promise.resolve(this.#link);
    const away = new DomainError("store_away", `the neighbour realm ${this.name} is away`, { retryAfterMs: RETRY_MS });
    return Promise.reject(away);
  }

  /** Never rejects. */
  async #join(): Promise<void> {
    try {
      const { urls, name: realm } = this.settings;
      const terms = await readGuestTerms(urls, realm);
      const store = await ScriptRunner.open({ urls, realm, ...terms }, (trouble) => {
        this.#tell(trouble?.text);
      });
      this.#link = await this.#enter(store, terms.text);
      this.#tell(undefined);
      if (this.#isClosed) await this.#leave();
    } catch (error) {
      this.#tell((error as Error).message.replaceAll("REDIS_URL", "NEIGHBOUR_REALMS"));
      this.#rejoin();
    }
  }

  async #enter(store: ScriptRunner, terms: string): Promise<Link> {
    const { node, windowMs, steady } = this.settings;
    try {
      const membership = await this.#joinWith(store, terms);
      return {
        store,
        membership,
        lobby: new RedisLobby(
          store,
          node,
          windowMs,
          () => false,
          () => false,
        ),
        guests: new RedisGuests(store, node),
        mailbox: new RedisMailbox(store, this.#eventCache, steady),
        records: new RedisRecords(store),
      };
    } catch (error) {
      store.close();
      throw error;
    }
  }

  #joinWith(store: ScriptRunner, text: string): Promise<Membership> {
    const { node, agreement, windowMs, steady } = this.settings;
    const clocks = { realm: this.clock, steady };
    const terms = agreement.forGuests(this.name, text);
    return Membership.join(store, node, this.#eventCache, clocks, terms, {
      windowMs,
      onSilence: (silentMs) => {
        this.#tell(silentMs === undefined ? undefined : "messages published by its Redis do not arrive");
      },
      onDisagreement: () => {
        this.#leave().then(
          () => {
            this.#rejoin();
          },
          () => undefined,
        );
      },
    });
  }

  async #leave(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    await link?.membership.leave();
    link?.store.close();
  }

  #rejoin(): void {
    if (this.#isClosed) return;
    this.#cancel = this.settings.steady.after(REJOIN_MS, () => {
      this.#joining = this.#join();
    });
  }

  /** Reports the first of several problems, and recovery from all. */
  #tell(trouble: string | undefined): void {
    const isOver = trouble === undefined;
    if (!isOver) this.#trouble = trouble;
    if (this.#isClosed || isOver === !this.#isTold || (isOver && this.troubles.length > 0)) return;
    this.#isTold = !isOver;
    this.settings.onChange(isOver ? undefined : this.#describe(trouble));
  }

  #describe(trouble: string): string {
    return `no one meets people of the neighbour realm ${this.name}: ${trouble}`;
  }
}
