import { errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { z } from "zod";
import { DomainError } from "../../core/errors.js";
import type { Identity } from "../../core/identity.js";
import type { Standing } from "../../core/standing.js";
import type { Clock } from "../../ports/clock.js";
import type { IdentityVerifier } from "../../ports/identity-verifier.js";
import { claims } from "./claims.js";

export interface VerifierSettings {
  /** Who must have issued the tokens, and for whom; undefined for anybody. */
  issuer: string | undefined;
  audience: string | undefined;
  /** The algorithms of the keys. A token cannot choose another. */
  algorithms: readonly string[];
}

/** How far the clocks of the app and of this server may differ, in seconds. */
const LEEWAY_S = 30;

/** The problem of each error of the library, for programs. */
const problems: Record<string, string> = {
  [errors.JWTExpired.code]: "expired",
  [errors.JWSSignatureVerificationFailed.code]: "signature",
  [errors.JOSEAlgNotAllowed.code]: "algorithm",
  [errors.JWKSNoMatchingKey.code]: "key",
  [errors.JWKSMultipleMatchingKeys.code]: "key",
};

const explanations: Record<string, string> = {
  expired: "it has expired",
  signature: "its signature is not valid",
  algorithm: "its algorithm is not that of the app's keys",
  key: "the app's keys include none, or several, that it may be signed with",
  malformed: "it is not a signed JWT",
};

/** Verifies JSON Web Tokens (RFC 7519, with the precautions of RFC 8725). */
export class JwtVerifier implements IdentityVerifier {
  constructor(
    private readonly key: JWTVerifyGetKey,
    private readonly settings: VerifierSettings,
    private readonly clock: Clock,
  ) {}

  async verify(token: string): Promise<Identity> {
    const { issuer, audience, algorithms } = this.settings;
    try {
      const { payload } = await jwtVerify(token, this.key, {
        algorithms: [...algorithms],
        ...(issuer !== undefined && { issuer }),
        ...(audience !== undefined && { audience }),
        clockTolerance: LEEWAY_S,
        requiredClaims: ["exp", "sub"],
        currentDate: new Date(this.clock.nowMs()),
      });
      return identityOf(payload);
    } catch (error) {
      throw toDomainError(error);
    }
  }
}

function identityOf(payload: unknown): Identity {
  const parsed = claims.safeParse(payload);
  if (parsed.success) {
    const { sub: subject, exp, iat, profile } = parsed.data;
    const issuedMs = iat === undefined ? undefined : iat * 1000;
    return { subject, profile, standing: standingOf(parsed.data), issuedMs, expiresMs: exp * 1000 };
  }
  const [issue] = parsed.error.issues;
  const name = issue?.path.map(String).join(".") ?? "";
  return refuseClaim(name, issue?.message ?? "is not valid");
}

function standingOf({
  attributes = [],
  priority = 0,
  restrictions = [],
}: z.infer<typeof claims>): Standing | undefined {
  const isUsual = attributes.length === 0 && priority === 0 && restrictions.length === 0;
  return isUsual ? undefined : { attributes, priority, restrictions: [...new Set(restrictions)] };
}

function refuseClaim(name: string, problem: string): never {
  const message = `identity_token: its claim \`${name.slice(0, 64)}\` is not allowed: ${problem}`;
  throw new DomainError("identity_refused", message, { field: "identity_token", problem: "claim" });
}

/** Never quotes the token: what is refused may be a valid token of somebody else's server. */
function toDomainError(error: unknown): unknown {
  if (error instanceof errors.JWTClaimValidationFailed) {
    const { claim } = error;
    const message =
      claim === "nbf"
        ? "identity_token: it is not valid yet"
        : `identity_token: its claim \`${claim}\` is missing or not the expected one`;
    const problem = claim === "nbf" ? "not_yet_valid" : "claim";
    return new DomainError("identity_refused", message, { field: "identity_token", problem });
  }
  if (!(error instanceof errors.JOSEError)) return error;
  const problem = problems[error.code] ?? "malformed";
  const message = `identity_token: ${explanations[problem] ?? ""}`;
  return new DomainError("identity_refused", message, { field: "identity_token", problem });
}
