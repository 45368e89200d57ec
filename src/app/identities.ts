import { problemOfApp } from "../core/criteria.js";
import { DomainError } from "../core/errors.js";
import type { Identity } from "../core/identity.js";
import type { PersonKey } from "../core/ids.js";
import type { MatchingSchema } from "../core/matching-schema.js";
import type { Standing } from "../core/standing.js";
import type { Clock } from "../ports/clock.js";
import type { IdentityVerifier } from "../ports/identity-verifier.js";
import type { Caller } from "./caller.js";

/** Who opens a session, according to its identity token. */
export interface Person extends Pick<Identity, "subject" | "profile" | "standing" | "issuedMs"> {
  key: PersonKey;
}

interface IdentitiesDependencies {
  /** Undefined if sessions are anonymous. */
  verifier: IdentityVerifier | undefined;
  /** Whether every session needs an identity. */
  isRequired: boolean;
  /** Derives the key of a subject. */
  keyOf: (subject: string) => PersonKey;
  clock: Clock;
  schema: MatchingSchema;
  /** Limits refused tokens. */
  refused: RefusalLimit;
}

/** Limits how often something is refused, by host. */
export interface RefusalLimit {
  /** @throws DomainError `limit_reached` for a host that has used up its limit */
  refuseFull(host: string): void;
  count(host: string): void;
}

/** How many verified tokens are cached, each until it expires: a client sends the same one with every stream. */
const MAX_CACHED = 20_000;

/** Says who opens a session. */
export class Identities {
  readonly #cache = new Map<string, { person: Person; expiresMs: number }>();

  constructor(private readonly deps: IdentitiesDependencies) {}

  /**
   * Returns the person of an identity token; undefined for an anonymous caller, and for one that resumes its session
   * without a token.
   * @throws DomainError `identity_required`, `identity_refused`, `identity_unavailable`, and `limit_reached` for a host
   * with many refused tokens
   */
  async identify(caller: Caller, token: string | undefined): Promise<Person | undefined> {
    if (token === undefined) {
      if (this.deps.isRequired && caller.sessionId === undefined) {
        throw new DomainError("identity_required", "sign in first: this server requires an identity token");
      }
      return undefined;
    }
    const person = await this.#personOf(caller.host, token);
    if (caller.sessionId !== undefined && caller.person !== person.key) {
      refuse("other_person", "it is about another person than this session; open a stream without the session's token");
    }
    return person;
  }

  async #personOf(host: string, token: string): Promise<Person> {
    const { verifier, keyOf, clock, refused } = this.deps;
    if (verifier === undefined) refuse("not_configured", "this server accepts anonymous sessions only");
    const cached = this.#cache.get(token);
    if (cached !== undefined && clock.nowMs() < cached.expiresMs) return cached.person;
    refused.refuseFull(host);
    const { subject, profile, standing, issuedMs, expiresMs } = await this.#verify(verifier, host, token);
    const person = { key: keyOf(subject), subject, profile, standing, issuedMs };
    this.#keep(token, person, expiresMs);
    return person;
  }

  async #verify(verifier: IdentityVerifier, host: string, token: string): Promise<Identity> {
    try {
      const identity = await verifier.verify(token);
      this.#check(identity.standing);
      return identity;
    } catch (error) {
      if (error instanceof DomainError && error.reason === "identity_refused") this.deps.refused.count(host);
      throw error;
    }
  }

  #check(standing: Standing | undefined): void {
    const [name, problem] = problemOfApp(this.deps.schema, standing?.attributes ?? []) ?? [];
    if (name !== undefined) refuse("claim", `its claim \`attributes.${name}\` is not allowed: ${problem ?? ""}`);
  }

  #keep(token: string, person: Person, expiresMs: number): void {
    this.#cache.delete(token);
    this.#cache.set(token, { person, expiresMs });
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= MAX_CACHED) return;
      this.#cache.delete(oldest);
    }
  }
}

function refuse(problem: string, explanation: string): never {
  throw new DomainError("identity_refused", `identity_token: ${explanation}`, { field: "identity_token", problem });
}
