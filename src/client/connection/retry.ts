import { isLimit, isTransient, isUnauthenticated, toSatoshigleError } from "./error-mapping.js";
import { backoffMs, sleep } from "./timers.js";

/** The stream of the session, as callers of other RPCs see it. */
export interface SessionLink {
  /** Resolves when the stream is open; rejects when it is closed for good. */
  online(): Promise<void>;
  /** Reconnects after the server has said that the session is over. */
  reopen(): void;
  /** Finds out soon whether the stream still works, and replaces it if not. */
  check(): void;
}

export type RetryDecision = "retry" | "retry now" | "fail";

export interface RetryOptions {
  /** When set, each attempt waits until the link is online, and the link reopens when the session is over. */
  link?: SessionLink;
  /** Cuts every wait short, and makes the next failure the last. */
  signal?: AbortSignal;
  decide: (error: unknown) => RetryDecision;
}

/** Calls until a call succeeds or `decide` gives up. Rejects with a `SatoshigleError`, or with the reason of the abort. */
export async function retry<T>(call: () => Promise<T>, { link, signal, decide }: RetryOptions): Promise<T> {
  for (let failures = 0; ; failures++) {
    if (link) await waitUntilOnline(link, signal);
    try {
      return await call();
    } catch (error) {
      signal?.throwIfAborted();
      if (link && isUnauthenticated(error)) link.reopen();
      const decision = decide(error);
      if (decision === "fail") throw toSatoshigleError(error);
      if (decision === "retry") await sleep(delayMs(error, failures), signal);
    }
  }
}

export function retryTransient(error: unknown): RetryDecision {
  return isTransient(error) ? "retry" : "fail";
}

export function retryTransientOrLimited(error: unknown): RetryDecision {
  return isTransient(error) || isLimit(error) ? "retry" : "fail";
}

async function waitUntilOnline(link: SessionLink, signal: AbortSignal | undefined): Promise<void> {
  await Promise.race(signal ? [link.online(), aborted(signal)] : [link.online()]);
  signal?.throwIfAborted();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

function delayMs(error: unknown, failures: number): number {
  return Math.max(toSatoshigleError(error).retryAfterMs ?? 0, backoffMs(failures));
}
