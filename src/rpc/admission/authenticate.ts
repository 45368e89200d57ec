import { type Caller, sessionOf } from "../../app/caller.js";
import { widerNetworks } from "../../core/address.js";
import { DomainError } from "../../core/errors.js";
import { type Holder, verifyToken } from "../../core/token.js";
import type { Clock } from "../../ports/clock.js";
import { RateLimit } from "./rate-limit.js";

/** Where a call comes from, by its headers and its connection. */
export interface CallSource {
  /** Whether it comes from a page of an allowed origin, or from no page. */
  isOriginAllowed: boolean;
  authorization: string | undefined;
  /** The client's host, for limits. */
  host: string;
  /** Returns the country of that host, if it is known. */
  country?: (() => string | undefined) | undefined;
}

export interface AuthenticatorSettings {
  secret: string;
  /** Calls per session and window; per address ten times as many. */
  maxCalls: number;
  callWindowMs: number;
}

/** Call budgets. All are equally large, per session and per address, and independent of each other. */
const budgets = ["match", "leave", "report", "rest"] as const;
export type Budget = (typeof budgets)[number];

/** What a method requires of its callers. */
export interface CallRule {
  /** Whether a session token is required. */
  needsToken: boolean;
  budget: Budget;
}

/** Limits the identity tokens of an address that are refused: a signature may take longer to verify than a call. */
export function limitRefusedTokens({ maxCalls, callWindowMs }: AuthenticatorSettings, clock: Clock): RateLimit {
  return new RateLimit(clock, "refused identity tokens from this address", maxCalls, callWindowMs, widerNetworks);
}

/**
 * Identifies the caller before the body is read. Calls without a valid token all count for the address's "rest" budget,
 * so that clients without a session cannot exhaust the budgets that sessions leave a match with.
 */
export type Authenticator = (call: CallSource, rule: CallRule) => Caller;

/** How many valid tokens are cached, each for at most one rate limit window. */
const MAX_CACHED_TOKENS = 20_000;

/** @throws DomainError `origin_denied`, `token_invalid`, `limit_reached` from the returned function */
export function createAuthenticator(
  { secret, maxCalls, callWindowMs }: AuthenticatorSettings,
  clock: Clock,
): Authenticator {
  const limitsOf = (create: () => RateLimit) => Object.fromEntries(budgets.map((one) => [one, create()])) as Limits;
  const perHost = limitsOf(
    () => new RateLimit(clock, "calls from this address", maxCalls * 10, callWindowMs, widerNetworks),
  );
  const perSession = limitsOf(() => new RateLimit(clock, "calls from this session", maxCalls, callWindowMs));
  const verify = createTokenCache(secret, callWindowMs, clock);
  return (call, { needsToken, budget }) => {
    const { isOriginAllowed, authorization, host, country } = call;
    if (!isOriginAllowed) refuseOrigin();
    const holder = authorization === undefined ? undefined : verify(authorization);
    perHost[holder === undefined ? "rest" : budget].count(host);
    if (holder !== undefined) perSession[budget].count(holder.sessionId);
    else if (authorization !== undefined) refuseToken();
    const { sessionId, person, device, standing } = holder ?? NO_ONE;
    const caller = { sessionId, person, device, standing, country, host };
    if (needsToken) sessionOf(caller);
    return caller;
  };
}

/** The holder of no token. */
const NO_ONE: Partial<Holder> = {};

type Limits = Record<Budget, RateLimit>;

function refuseOrigin(): never {
  throw new DomainError("origin_denied", "pages of this origin may not call this server; add it to CLIENT_URL");
}

function refuseToken(): never {
  throw new DomainError("token_invalid", "the token was not issued by this server; open a stream without a token");
}

/** The holder of the token in a valid `authorization` header. */
type TokenCheck = (authorization: string) => Holder | undefined;

/** Caches valid tokens so that most calls need no HMAC. Forged tokens are verified every time. */
function createTokenCache(secret: string, lifetimeMs: number, clock: Clock): TokenCheck {
  const cache = new Map<string, Holder>();
  return (authorization) => {
    const cached = cache.get(authorization);
    if (cached !== undefined) return cached;
    const token = /^Bearer ([\w.~^-]+)$/i.exec(authorization)?.[1];
    const holder = token === undefined ? undefined : verifyToken(secret, token);
    if (holder === undefined || cache.size >= MAX_CACHED_TOKENS) return holder;
    if (cache.size === 0) clock.after(lifetimeMs, () => cache.clear());
    cache.set(authorization, holder);
    return holder;
  };
}
