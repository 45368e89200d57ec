import type { Caller } from "../app/caller.js";
import { widerNetworks } from "../core/address.js";
import { DomainError } from "../core/errors.js";
import type { SessionId } from "../core/ids.js";
import { verifyToken } from "../core/token.js";
import type { Clock } from "../ports/clock.js";
import { CallLimit } from "./call-limit.js";

/** A call as the guards see it, whichever path served it. */
export interface Call {
  /** The request headers that tell who calls. */
  origin: string | undefined;
  authorization: string | undefined;
  /** The client's host, for limits. */
  host: string;
  /** Scheme and authority the client sees, such as `https://chat.example.com`. */
  ownOrigin: string;
}

export interface GuardSettings {
  secret: string;
  allowedOrigins: readonly string[];
  /** Calls per session and window; per address ten times that. */
  maxCalls: number;
  callWindowMs: number;
}

/** Every call comes through here: who is it, and may it? In order of cost, so that a flood is stopped early. */
export type Guards = (call: Call) => Caller;

/** How many genuine tokens are remembered; each at most for as long as calls are counted. */
const REMEMBERED_TOKENS = 20_000;

/** @throws DomainError `origin_denied`, `token_invalid`, `limit_reached` from the returned function */
export function createGuards(settings: GuardSettings, clock: Clock): Guards {
  const perHost = new CallLimit(clock, "address", settings.maxCalls * 10, settings.callWindowMs, widerNetworks);
  const perSession = new CallLimit(clock, "session", settings.maxCalls, settings.callWindowMs);
  const sessionOf = rememberTokens(settings, clock);
  return (call) => {
    checkOrigin(call, settings.allowedOrigins);
    perHost.count(call.host);
    const sessionId = authenticate(call, sessionOf);
    if (sessionId !== undefined) perSession.count(sessionId);
    return { sessionId, host: call.host };
  };
}

/** Pages elsewhere may not use this server; programs, which send no origin, may. */
export function isAllowedOrigin(origin: string, ownOrigin: string | undefined, allowed: readonly string[]): boolean {
  return origin === ownOrigin || allowed.includes(origin);
}

function checkOrigin(call: Call, allowed: readonly string[]): void {
  const { origin } = call;
  if (origin === undefined || isAllowedOrigin(origin, call.ownOrigin, allowed)) return;
  throw new DomainError(
    "origin_denied",
    "pages of this origin may not call this server; CLIENT_URL lists those that may",
  );
}

type TokenCheck = (token: string) => SessionId | undefined;

function authenticate(call: Call, sessionOf: TokenCheck): SessionId | undefined {
  const { authorization } = call;
  if (authorization === undefined) return undefined;
  const token = /^Bearer ([\w.-]+)$/i.exec(authorization)?.[1];
  const sessionId = token === undefined ? undefined : sessionOf(token);
  if (sessionId !== undefined) return sessionId;
  throw new DomainError("token_invalid", "the token is not one of this server; open a stream without a token");
}

/** Remembers genuine tokens for a while, so that not every call computes a signature. Forged ones cost the same each time. */
function rememberTokens({ secret, callWindowMs }: GuardSettings, clock: Clock): TokenCheck {
  const known = new Map<string, SessionId>();
  return (token) => {
    const remembered = known.get(token);
    if (remembered !== undefined) return remembered;
    const sessionId = verifyToken(secret, token);
    if (sessionId === undefined || known.size >= REMEMBERED_TOKENS) return sessionId;
    if (known.size === 0) clock.after(callWindowMs, () => known.clear());
    known.set(token, sessionId);
    return sessionId;
  };
}
