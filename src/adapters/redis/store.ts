import { Cluster, Redis, type RedisOptions } from "ioredis";
import { DomainError } from "../../core/errors.js";
import { type SearchBounds, searchBounds } from "../../core/search.js";
import { Deadlines } from "./deadlines.js";
import { realmKey, wholeKey } from "./keys.js";
import { ScriptCall } from "./script-call.js";
import { type Script, scriptsFor, type Verb } from "./scripts.js";

export interface StoreSettings {
  /** One URL, or several of a Cluster. */
  urls: readonly string[];
  realm: string;
  /** Handshake deadline of a match, in milliseconds. */
  handshakeMs: number;
  /** How much a search for a partner may do at a time; by default what the product does. */
  search?: SearchBounds;
  /** Told how long each call took to be answered, or to fail, in milliseconds. */
  onAnswer?: (latencyMs: number) => void;
}

/** After how long a client should try again while the store is away, in milliseconds. */
const RETRY_MS = 1_000;

/** A command fails at once while Redis is away: nothing waits, and nothing is sent twice without our knowing. */
const options = {
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  commandTimeout: 1_000,
  connectTimeout: 2_000,
  retryStrategy: (times) => Math.min(50 * 2 ** times, 1_000),
} satisfies RedisOptions;

type Client = Redis | Cluster;

/** A realm in Redis: its scripts, each one atomic verb in one round trip. */
export class Store {
  readonly client: Client;
  readonly key: string;
  readonly #keys: readonly string[];
  readonly #scripts: Record<Verb, Script>;
  readonly #deadlines = new Deadlines();
  #away = false;
  /** Counts the calls; the newest of those that were answered. */
  #calls = 0;
  #answered = 0;
  #lastError: unknown;
  /** Called when Redis goes away, with the reason, and without one when it is back. */
  #onChange: ((error?: unknown) => void) | undefined;

  private constructor(readonly settings: StoreSettings) {
    this.client = this.connect();
    this.client
      .on("error", (error) => {
        this.#note(error);
      })
      .on("ready", () => {
        this.#note();
      });
    this.key = realmKey(settings.realm);
    this.#keys = [this.key, wholeKey(settings.realm)];
    const { handshakeMs, search = searchBounds } = settings;
    this.#scripts = scriptsFor({ handshakeMs, search, isCluster: this.isCluster });
  }

  /**
   * @param onChange called when Redis goes away, with the reason, and without one when it is back
   * @throws Error when Redis cannot be reached.
   */
  static async open(settings: StoreSettings, onChange: (error?: unknown) => void): Promise<Store> {
    const store = new Store(settings);
    try {
      await store.client.connect();
    } catch (error) {
      store.client.disconnect();
      const hosts = settings.urls.map((url) => new URL(url).host).join(", ");
      const { message } = (store.#lastError ?? error) as Error;
      throw new Error(`Redis cannot be reached at ${hosts} (REDIS_URL): ${message}`, { cause: error });
    }
    store.#onChange = onChange;
    await store.#load();
    return store;
  }

  get isCluster(): boolean {
    return this.settings.urls.length > 1;
  }

  /** A further connection, for subscribing. Connect it before use. What breaks it is not told of: its silence is. */
  connect(): Client {
    const client = this.isCluster ? this.#cluster() : this.#single();
    client.on("error", () => undefined);
    return client;
  }

  /** Connects anew: the connection seems open, but nothing comes through. */
  revive(): void {
    if (this.client.status === "ready") this.client.disconnect(true);
  }

  close(): void {
    this.client.disconnect();
  }

  /** @throws DomainError `store_away` when Redis does not answer; the verb may or may not have been carried out. */
  async run(verb: Verb, ...args: (string | number)[]): Promise<unknown> {
    const call = ++this.#calls;
    const startMs = performance.now();
    try {
      const answer = await this.#call(this.#scripts[verb], args);
      this.#answered = Math.max(this.#answered, call);
      this.#note(); // it may have been away without breaking the connection
      return answer;
    } catch (error) {
      throw this.#asDomainError(error, call < this.#answered);
    } finally {
      this.settings.onAnswer?.(performance.now() - startMs);
    }
  }

  /** Makes the scripts known beforehand, so that a crowd's first calls need not bring them. Without it they do. */
  async #load(): Promise<void> {
    const servers = this.client instanceof Cluster ? this.client.nodes("master") : [this.client];
    const scripts = Object.values(this.#scripts);
    await Promise.allSettled(servers.flatMap((server) => scripts.map(({ lua }) => server.script("LOAD", lua))));
  }

  /** A Redis that does not know the script yet, or any more, has done nothing and is sent the whole of it. */
  async #call({ sha, lua }: Script, args: (string | number)[]): Promise<unknown> {
    try {
      return await this.#send(
        new ScriptCall("evalsha", [sha, this.#keys.length, ...this.#keys, ...args], this.#deadlines),
      );
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return this.#send(new ScriptCall("eval", [lua, this.#keys.length, ...this.#keys, ...args], this.#deadlines));
    }
  }

  #send(call: ScriptCall): Promise<unknown> {
    this.client.sendCommand(call);
    return call.promise;
  }

  /** Tells of a change once, however many calls notice it. */
  #note(error?: unknown): void {
    const away = error !== undefined;
    if (away) this.#lastError = error;
    if (away === this.#away) return;
    this.#away = away;
    this.#onChange?.(error);
  }

  #single(): Redis {
    const [url = ""] = this.settings.urls;
    return new Redis(url, { ...options, lazyConnect: true });
  }

  #cluster(): Cluster {
    const { username, password, tls } = credentialsIn(this.settings.urls[0] ?? "");
    return new Cluster([...this.settings.urls], {
      enableOfflineQueue: false,
      lazyConnect: true,
      shardedSubscribers: true,
      slotsRefreshTimeout: 2_000,
      clusterRetryStrategy: options.retryStrategy,
      // What has failed must not be carried out later, when its caller has long done something else.
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      maxRedirections: 5, // with a pause of 100 ms each: over before a command times out
      redisOptions: { ...options, ...username, ...password, ...tls },
    });
  }

  /** @param isLate whether a later call has been answered: the failure tells nothing of now */
  #asDomainError(error: unknown, isLate: boolean): unknown {
    if (error instanceof Error && /^(ERR|WRONGTYPE) .*script/i.test(error.message)) return error; // a fault of ours
    if (!isLate) this.#note(error);
    if (this.client instanceof Cluster) this.client.refreshSlotsCache(); // another server may have taken over
    return new DomainError("store_away", "the store cannot be reached right now; try again", {
      retryAfterMs: RETRY_MS,
    });
  }
}

/** A Cluster's nodes are found by address; user, password and TLS are those of the first URL. */
function credentialsIn(url: string) {
  const { username, password, protocol } = new URL(url);
  return {
    username: username === "" ? {} : { username: decodeURIComponent(username) },
    password: password === "" ? {} : { password: decodeURIComponent(password) },
    tls: protocol === "rediss:" ? { tls: {} } : {},
  };
}
