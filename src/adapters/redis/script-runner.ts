import { Cluster } from "ioredis";
import { DomainError } from "../../core/errors.js";
import { limits } from "../../core/limits.js";
import { type SearchBounds, searchBounds } from "../../core/search.js";
import { type Client, createClient } from "./connect.js";
import { Deadlines } from "./deadlines.js";
import { Health } from "./health.js";
import { realmKey, wholeKey } from "./keys.js";
import { isSlow, lineIn, replyCode, SlowRedis, type Trouble, troubleOf } from "./refusals.js";
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
  /** What mailboxes may hold beyond their own bytes, all together; by default what the product has. */
  mailPoolBytes?: number | undefined;
  /** Told how long each call took to be answered, or to fail, in milliseconds. */
  onAnswer?: (latencyMs: number) => void;
}

/** After how long a client should try again, in milliseconds: while the store is away, and while it takes no changes. */
const RETRY_MS = 1_000;
const REFUSED_RETRY_MS = 5_000;

/** A fault of ours: the text is safe to log. */
export class ScriptError extends Error {
  override readonly name = "StoreError";
}

/** A realm in Redis: its scripts, each one atomic verb in one round trip. */
export class ScriptRunner {
  readonly client: Client;
  readonly key: string;
  readonly health: Health;
  readonly #keys: readonly string[];
  readonly #scripts: Record<Verb, Script>;
  readonly #deadlines = new Deadlines();
  /** Counts the calls; the newest of those that were answered. */
  #calls = 0;
  #answered = 0;
  #lastError: unknown;

  private constructor(
    readonly settings: StoreSettings,
    onChange: (trouble?: Trouble) => void,
  ) {
    this.client = this.connect();
    this.health = new Health((trouble) => {
      if (this.#isOpen) onChange(trouble);
    });
    this.client
      .on("error", (error) => {
        this.#note(error);
      })
      .on("ready", () => {
        this.health.answered();
      });
    this.key = realmKey(settings.realm);
    this.#keys = [this.key, wholeKey(settings.realm)];
    const { handshakeMs, search = searchBounds, mailPoolBytes = limits.mailPoolBytes } = settings;
    this.#scripts = scriptsFor({ handshakeMs, search, mailPoolBytes, isCluster: this.isCluster });
  }

  #isOpen = false;

  /**
   * @param onChange called with what is wrong with Redis, once each, and without it when all has been well for a while
   * @throws Error when Redis cannot be reached; SlowRedis when it can be, and does not answer in time.
   */
  static async open(settings: StoreSettings, onChange: (trouble?: Trouble) => void): Promise<ScriptRunner> {
    const store = new ScriptRunner(settings, onChange);
    try {
      await store.client.connect();
    } catch (error) {
      store.client.disconnect();
      const hosts = settings.urls.map((url) => new URL(url).host).join(", ");
      const reason = (store.#lastError ?? error) as Error;
      const text = `Redis cannot be reached at ${hosts} (REDIS_URL): ${reason.message}`;
      throw isSlow(reason) ? new SlowRedis(text, { cause: error }) : new Error(text, { cause: error });
    }
    store.#isOpen = true;
    await store.#load();
    return store;
  }

  get isCluster(): boolean {
    return this.settings.urls.length > 1;
  }

  /** A further connection, for subscribing. Connect it before use. What breaks it is not told of: its silence is. */
  connect(): Client {
    return createClient(this.settings.urls);
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
      this.health.answered(); // it may have been away without breaking the connection
      return answer;
    } catch (error) {
      throw this.#asOurs(error, verb, call < this.#answered);
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

  #note(error: unknown): Trouble | undefined {
    this.#lastError = error;
    const trouble = troubleOf(error);
    if (trouble !== undefined) this.health.failed(trouble);
    return trouble;
  }

  /** @param isLate whether a later call has been answered: that this one was not tells nothing of now */
  #asOurs(error: unknown, verb: Verb, isLate: boolean): Error {
    const trouble = isLate && troubleOf(error)?.kind === "away" ? troubleOf(error) : this.#note(error);
    if (trouble === undefined) return faultOf(error, verb);
    if (trouble.kind !== "away") {
      return new DomainError("store_away", "the store takes no changes right now; try again later", {
        retryAfterMs: REFUSED_RETRY_MS,
      });
    }
    if (this.client instanceof Cluster) this.client.refreshSlotsCache(); // another server may have taken over
    return new DomainError("store_away", "the store cannot be reached right now; try again", {
      retryAfterMs: RETRY_MS,
    });
  }
}

/** What Redis says of it may quote the arguments, so it is not kept. */
function faultOf(error: unknown, verb: Verb): ScriptError {
  const { message } = error as Error;
  const line = lineIn(error as Error);
  const where = line === undefined ? "" : ` at line ${String(line)}`;
  return new ScriptError(`the script ${verb} failed${where}: ${replyCode(message)}`);
}
