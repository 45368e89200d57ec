import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { Caller } from "../app/caller.js";
import { DomainError } from "../core/errors.js";
import { verifyToken } from "../core/token.js";

/** A call as the guards see it, whichever path served it. */
export interface Call {
  /** The value of a request header, or null. Names are lower case. */
  header(name: string): string | null;
  /** The client's host, for limits. */
  host: string;
  /** Scheme and authority the client sees, such as `https://chat.example.com`. */
  ownOrigin: string;
  signal: AbortSignal;
}

export interface GuardSettings {
  secret: string;
  allowedOrigins: readonly string[];
  /** Calls per session and window; per address ten times that. */
  maxCalls: number;
  callWindowMs: number;
}

/** Every call comes through here: who is it, and may it? In order of cost, so that a flood is stopped early. */
export type Guards = (call: Call) => Promise<Caller>;

/** @throws DomainError `origin_denied`, `token_invalid`, `limit_reached` from the returned function */
export function createGuards(settings: GuardSettings): Guards {
  const limitHost = createLimit("address", settings.maxCalls * 10, settings.callWindowMs);
  const limitSession = createLimit("session", settings.maxCalls, settings.callWindowMs);
  return async (call) => {
    checkOrigin(call, settings.allowedOrigins);
    await limitHost(call.host);
    const sessionId = authenticate(call, settings.secret);
    if (sessionId !== undefined) await limitSession(sessionId);
    return { sessionId, host: call.host, signal: call.signal };
  };
}

/** Pages elsewhere may not use this server; programs, which send no origin, may. */
export function isAllowedOrigin(origin: string, ownOrigin: string, allowed: readonly string[]): boolean {
  return origin === ownOrigin || allowed.includes(origin);
}

function checkOrigin(call: Call, allowed: readonly string[]): void {
  const origin = call.header("origin");
  if (origin === null || isAllowedOrigin(origin, call.ownOrigin, allowed)) return;
  throw new DomainError(
    "origin_denied",
    "pages of this origin may not call this server; CLIENT_URL lists those that may",
  );
}

function authenticate(call: Call, secret: string) {
  const authorization = call.header("authorization");
  if (authorization === null) return undefined;
  const token = /^Bearer ([\w.-]+)$/i.exec(authorization)?.[1];
  const sessionId = token === undefined ? undefined : verifyToken(secret, token);
  if (sessionId !== undefined) return sessionId;
  throw new DomainError("token_invalid", "the token is not one of this server; open a stream without a token");
}

function createLimit(what: string, points: number, windowMs: number): (key: string) => Promise<void> {
  const limiter = new RateLimiterMemory({ points, duration: windowMs / 1000 });
  return async (key) => {
    try {
      await limiter.consume(key);
    } catch (used) {
      if (!(used instanceof RateLimiterRes)) throw used;
      const message = `too many calls from this ${what}: ${String(points)} are allowed in ${String(windowMs)} ms`;
      throw new DomainError("limit_reached", message, { retryAfterMs: used.msBeforeNext });
    }
  };
}
