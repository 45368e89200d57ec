import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from "jose";
import { DomainError } from "../../core/errors.js";
import type { Clock } from "../../ports/clock.js";

interface KeySetDependencies {
  /** Loads the keys that the app publishes now. */
  load: () => Promise<JSONWebKeySet>;
  clock: Clock;
  /** The first failure after a success, with its cause. */
  onFailed: (cause: string) => void;
  /** The first success after a failure. */
  onRecovered: () => void;
}

/** How often the keys are loaded, and after a failure, in milliseconds. */
const REFRESH_MS = 10 * 60_000;
const RETRY_MS = 15_000;
/** How soon they are loaded again for a key that is not among them, in milliseconds: tokens may name any key. */
const COOLDOWN_MS = 15_000;
/** How long keys are used that cannot be loaded any more, in milliseconds. */
const MAX_AGE_MS = 24 * 60 * 60_000;

type LocalKeys = ReturnType<typeof createLocalJWKSet>;

/**
 * The public keys of the app. They are loaded every ten minutes, and when a token names a key that is not among them, so
 * that the app can change its keys. While they cannot be loaded, the last ones are used for a day.
 */
export class KeySet {
  #keys: LocalKeys | undefined;
  #loadedMs = 0;
  #triedMs = -Infinity;
  #cause = "";
  #isFailing = false;
  #isStopped = false;
  #loading: Promise<void> | undefined;
  #cancel: () => void = () => undefined;

  private constructor(private readonly deps: KeySetDependencies) {}

  /** Loads the keys, and resolves whether or not that succeeds. */
  static async start(deps: KeySetDependencies): Promise<KeySet> {
    const keys = new KeySet(deps);
    await keys.#reload();
    return keys;
  }

  /** Finds the key of a token. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const keys = await this.#current();
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !this.#mayTry()) throw error;
      await this.#reload();
      return (await this.#current())(header, token);
    }
  };

  /** The current problem as a sentence, for operators. */
  troubles(): readonly string[] {
    if (!this.#isFailing) return [];
    const hasKeys = this.#isUsable() ? "the last ones are used" : "people with an identity cannot connect";
    return [`the app's keys cannot be loaded: ${this.#cause}; ${hasKeys}`];
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  async #current(): Promise<LocalKeys> {
    if (!this.#isUsable() && this.#mayTry()) await this.#reload();
    else await this.#loading;
    if (this.#keys !== undefined && this.#isUsable()) return this.#keys;
    const message = "identity tokens cannot be verified now: the app's keys cannot be loaded; try again";
    throw new DomainError("identity_unavailable", message, { retryAfterMs: RETRY_MS });
  }

  #isUsable(): boolean {
    return this.#keys !== undefined && this.deps.clock.nowMs() - this.#loadedMs < MAX_AGE_MS;
  }

  #mayTry(): boolean {
    return this.deps.clock.nowMs() - this.#triedMs >= COOLDOWN_MS;
  }

  #reload(): Promise<void> {
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #load(): Promise<void> {
    const { load, clock } = this.deps;
    this.#cancel();
    this.#triedMs = clock.nowMs();
    try {
      this.#keys = createLocalJWKSet(await load());
      this.#loadedMs = this.#triedMs;
      if (this.#isFailing) this.deps.onRecovered();
      this.#isFailing = false;
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
    if (this.#isStopped) return;
    this.#cancel = clock.after(this.#isFailing ? RETRY_MS : REFRESH_MS, () => {
      void this.#reload();
    });
  }

  #fail(cause: string): void {
    this.#cause = cause;
    if (!this.#isFailing) this.deps.onFailed(cause);
    this.#isFailing = true;
  }
}
