import { type Caller, sessionOf } from "../../app/caller.js";
import { widerNetworks } from "../../core/address.js";
import { DomainError } from "../../core/errors.js";
import type { SessionId } from "../../core/ids.js";
import { verifyToken } from "../../core/token.js";
import type { Clock } from "../../ports/clock.js";
import { RateLimit } from "./rate-limit.js";

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

export interface AuthenticatorSettings {
  secret: string;
  allowedOrigins: readonly string[];
  /** Calls per session and window; per address ten times that. */
  maxCalls: number;
  callWindowMs: number;
}

/** What a call draws on. Each has as much as any other, per session and per address, and none uses up another's. */
const budgets = ["match", "leave", "report", "rest"] as const;
export type Budget = (typeof budgets)[number];

/** What a method asks of its callers. */
export interface CallRule {
  /** Whether it is for sessions alone. */
  needsToken: boolean;
  budget: Budget;
}

/**
 * Every call comes through here, before its body is read: who is it, and may it? Calls without a genuine token all draw
 * on the address's general budget: nobody without a session uses up what those with one leave a match by.
 */
export type Authenticator = (call: Call, rule: CallRule) => Caller;

/** How many genuine tokens are remembered; each at most for as long as calls are counted. */
const REMEMBERED_TOKENS = 20_000;

/** @throws DomainError `origin_denied`, `token_invalid`, `limit_reached` from the returned function */
export function createAuthenticator(
  { maxCalls, callWindowMs, ...settings }: AuthenticatorSettings,
  clock: Clock,
): Authenticator {
  const limitsOf = (create: () => RateLimit) => Object.fromEntries(budgets.map((one) => [one, create()])) as Limits;
  const perHost = limitsOf(() => new RateLimit(clock, "address", maxCalls * 10, callWindowMs, widerNetworks));
  const perSession = limitsOf(() => new RateLimit(clock, "session", maxCalls, callWindowMs));
  const genuine = rememberTokens(settings.secret, callWindowMs, clock);
  return (call, { needsToken, budget }) => {
    checkOrigin(call, settings.allowedOrigins);
    const { authorization, host } = call;
    const sessionId = authorization === undefined ? undefined : genuine(authorization);
    perHost[sessionId === undefined ? "rest" : budget].count(host);
    if (sessionId !== undefined) perSession[budget].count(sessionId);
    else if (authorization !== undefined) refuseToken();
    const caller = { sessionId, host };
    if (needsToken) sessionOf(caller);
    return caller;
  };
}

type Limits = Record<Budget, RateLimit>;

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

function refuseToken(): never {
  throw new DomainError("token_invalid", "the token is not one of this server; open a stream without a token");
}

/** The session that an `authorization` header is genuine for. */
type TokenCheck = (authorization: string) => SessionId | undefined;

/** Remembers genuine tokens for a while, so that not every call computes a signature. Forged ones cost the same each time. */
function rememberTokens(secret: string, forMs: number, clock: Clock): TokenCheck {
  const known = new Map<string, SessionId>();
  return (authorization) => {
    const remembered = known.get(authorization);
    if (remembered !== undefined) return remembered;
    const token = /^Bearer ([\w.-]+)$/i.exec(authorization)?.[1];
    const sessionId = token === undefined ? undefined : verifyToken(secret, token);
    if (sessionId === undefined || known.size >= REMEMBERED_TOKENS) return sessionId;
    if (known.size === 0) clock.after(forMs, () => known.clear());
    known.set(authorization, sessionId);
    return sessionId;
  };
}
