import { Cluster } from "ioredis";
import { DomainError } from "../../core/errors.js";
import { eventRetention } from "../../core/event-retention.js";
import { limits } from "../../core/limits.js";
import { type SearchBounds, searchBounds } from "../../core/search.js";
import { type Client, createClient } from "./connect.js";
import { Deadlines } from "./deadlines.js";
import { Health } from "./health.js";
import { realmKey, wholeKey } from "./keys.js";
import { isMissing, Libraries } from "./libraries.js";
import { isSlow, lineIn, replyCode, SlowRedis, type Trouble, troubleOf } from "./refusals.js";
import { type Argument, ScriptCall } from "./script-call.js";
import type { Verb } from "./verbs.js";

export interface StoreSettings {
  /** One URL, or several for a Cluster. */
  urls: readonly string[];
  realm: string;
  /** Handshake deadline of a match, in milliseconds. */
  handshakeMs: number;
  /** Bounds of a search for a partner; tests override the default. */
  search?: SearchBounds;
  /** Max bytes of all mailboxes beyond their own shares; tests override the default. */
  mailPoolBytes?: number | undefined;
  /** Max events in the log; that of `eventRetention` by default. */
  eventsMax?: number | undefined;
  /** Called with the latency of each call, also of one that failed, in milliseconds. */
  onAnswer?: (latencyMs: number) => void;
}

/** Retry delays for clients, in milliseconds: while the store is unreachable, and while it refuses writes. */
const RETRY_MS = 1_000;
const REFUSED_RETRY_MS = 5_000;

/** Attempts for a function that Redis does not have; another instance may delete it after each. */
const MAX_TRIES = 4;

/** A bug in a script. Its message is safe to log. */
export class ScriptError extends Error {
  override readonly name = "StoreError";
}

/** Runs the scripts of a realm in Redis. Each is one atomic verb and takes one round trip. */
export class ScriptRunner {
  readonly client: Client;
  readonly key: string;
  readonly health: Health;
  readonly #keys: readonly string[];
  readonly libraries: Libraries;
  readonly #deadlines = new Deadlines();
  /** Number of the latest call, and of the latest call that was answered. */
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
    const { eventsMax = eventRetention.max } = settings;
    const rules = { handshakeMs, search, mailPoolBytes, eventsMax, isCluster: this.isCluster };
    this.libraries = new Libraries(this.client, rules);
  }

  #isOpen = false;

  /**
   * @param onChange called once with each problem of Redis, and without one after recovery
   * @throws Error if Redis cannot be reached; SlowRedis if it does not answer in time.
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
    await store.libraries.load();
    return store;
  }

  get isCluster(): boolean {
    return this.settings.urls.length > 1;
  }

  /** Creates another client, for subscriptions. The caller must connect it. Connection errors are ignored. */
  connect(): Client {
    return createClient(this.settings.urls);
  }

  /** Reconnects when the connection is open but does not respond. */
  revive(): void {
    if (this.client.status === "ready") this.client.disconnect(true);
  }

  close(): void {
    this.client.disconnect();
  }

  /** @throws DomainError `store_away` when Redis does not answer; the verb may or may not have been executed. */
  async run(verb: Verb, ...args: Argument[]): Promise<unknown> {
    const call = ++this.#calls;
    const startMs = performance.now();
    try {
      const answer = await this.#call(verb, args);
      this.#answered = Math.max(this.#answered, call);
      this.health.answered(); // it may have been unreachable while the connection stayed open
      return answer;
    } catch (error) {
      throw this.#mapError(error, verb, call < this.#answered);
    } finally {
      this.settings.onAnswer?.(performance.now() - startMs);
    }
  }

  /** Calls a function; loads it first if Redis does not have it. */
  async #call(verb: Verb, args: Argument[]): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      try {
        const name = this.libraries.nameOf(verb);
        return await this.#send(new ScriptCall([name, this.#keys.length, ...this.#keys, ...args], this.#deadlines));
      } catch (error) {
        if (!isMissing(error)) throw error;
        const refusal = await this.libraries.load();
        if (tries === MAX_TRIES || (refusal !== undefined && !this.isCluster)) throw refusal ?? error;
      }
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

  /** @param isLate whether a later call has been answered, so that this failure says nothing about the current state */
  #mapError(error: unknown, verb: Verb, isLate: boolean): Error {
    const trouble = isLate && troubleOf(error)?.kind === "away" ? troubleOf(error) : this.#note(error);
    if (trouble === undefined) return faultOf(error, verb);
    if (trouble.kind !== "away") {
      return new DomainError("store_away", "the store refuses changes right now; try again later", {
        retryAfterMs: REFUSED_RETRY_MS,
      });
    }
    if (this.client instanceof Cluster) this.client.refreshSlotsCache(); // another server may have taken over
    return new DomainError("store_away", "the store cannot be reached right now; try again", {
      retryAfterMs: RETRY_MS,
    });
  }
}

/** Drops the message of Redis, which may quote the arguments. */
function faultOf(error: unknown, verb: Verb): ScriptError {
  const { message } = error as Error;
  const line = lineIn(error as Error);
  const where = line === undefined ? "" : ` at line ${String(line)}`;
  return new ScriptError(`the script ${verb} failed${where}: ${replyCode(message)}`);
}
