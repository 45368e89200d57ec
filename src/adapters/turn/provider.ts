import type { IceServer } from "../../core/ice-server.js";
import type { SessionId } from "../../core/ids.js";
import type { Clock } from "../../ports/clock.js";
import type { TurnCredentials } from "../../ports/turn-credentials.js";
import { type AnswerPaths, readAnswer } from "./answer.js";
import { request, type RequestTemplate } from "./request.js";

export interface ProviderSettings {
  request: RequestTemplate;
  secret: string;
  paths: AnswerPaths;
  /** How long credentials are requested for. */
  lifetimeMs: number;
}

interface ProviderDependencies {
  settings: ProviderSettings;
  clock: Clock;
  /** The first failure after a success, with its cause. */
  onFailed: (cause: string) => void;
  /** The last credentials have expired. */
  onEmpty: () => void;
  /** The first success after a failure. */
  onRecovered: () => void;
}

interface Kept {
  servers: readonly IceServer[];
  expiresMs: number;
}

/** The pauses after failures, the last one for all further ones. */
const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000];
/** Credentials that expire sooner are not issued: a call has to gather with them. */
const MIN_LEFT_MS = 30_000;

/**
 * Credentials from the HTTPS API of a TURN provider. All sessions of this instance share the latest ones, which are
 * renewed when half of their lifetime has passed. While the provider fails, the latest ones are issued until they
 * expire, then none.
 */
export class TurnProvider implements TurnCredentials {
  #kept: Kept | undefined;
  #failures = 0;
  #cause = "";
  #isEmpty = false;
  #isStopped = false;
  #cancel: () => void = () => undefined;

  private constructor(private readonly deps: ProviderDependencies) {}

  /** Requests the first credentials, and resolves whether or not that succeeds. */
  static async start(deps: ProviderDependencies): Promise<TurnProvider> {
    const provider = new TurnProvider(deps);
    await provider.#renew();
    return provider;
  }

  issue(_sessionId: SessionId, nowMs: number): readonly IceServer[] {
    const leftMs = this.leftMs(nowMs);
    if (this.#kept === undefined || leftMs === 0) return [];
    return this.#kept.servers.map((server) => {
      return server.credential === undefined ? server : { ...server, lifetimeMs: leftMs };
    });
  }

  /** How long credentials that are issued now are valid; 0 if there are none. */
  leftMs(nowMs: number): number {
    const leftMs = (this.#kept?.expiresMs ?? 0) - nowMs;
    return leftMs < Math.min(MIN_LEFT_MS, this.deps.settings.lifetimeMs / 10) ? 0 : leftMs;
  }

  /** The current problem as a sentence, for operators. */
  troubles(nowMs: number): readonly string[] {
    if (this.#failures === 0) return [];
    const leftMs = this.leftMs(nowMs);
    const consequence =
      leftMs === 0
        ? "calls have no relay"
        : `the last credentials are valid for another ${String(Math.ceil(leftMs / 1000))} seconds`;
    return [`the TURN provider gives no credentials: ${this.#cause}; ${consequence}`];
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  async #renew(): Promise<void> {
    const { settings, clock } = this.deps;
    const startedMs = clock.nowMs();
    const values = { lifetimeS: Math.floor(settings.lifetimeMs / 1000), secret: settings.secret };
    let pauseMs: number;
    try {
      const servers = readAnswer(await request(settings.request, values), settings.paths);
      this.#kept = { servers, expiresMs: startedMs + settings.lifetimeMs };
      this.#succeeded();
      pauseMs = settings.lifetimeMs / 2;
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error));
      pauseMs = RETRY_MS[Math.min(this.#failures, RETRY_MS.length) - 1] ?? 0;
    }
    if (this.#isStopped) return;
    this.#cancel = clock.after(pauseMs, () => {
      void this.#renew();
    });
  }

  #succeeded(): void {
    if (this.#failures > 0) this.deps.onRecovered();
    this.#failures = 0;
    this.#isEmpty = false;
  }

  #failed(cause: string): void {
    this.#cause = cause;
    if (this.#failures++ === 0) this.deps.onFailed(cause);
    if (this.#isEmpty || this.leftMs(this.deps.clock.nowMs()) > 0) return;
    this.#isEmpty = true;
    this.deps.onEmpty();
  }
}
