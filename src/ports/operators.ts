import type { Moderator } from "../core/case.js";
import type { Role } from "../core/role.js";

/** Who makes a request of the internal listener. */
export interface Operator {
  /** Undefined if the request does not say. */
  name: Moderator | undefined;
  role: Role;
}

/** Returns a header of a request, and null if it is missing. */
export type HeaderOf = (name: string) => string | null;

/** The other end of a connection. */
export interface Peer {
  address: string;
  /** The common name of its client certificate, which the connection has verified; undefined if there is none. */
  commonName: string | undefined;
}

/** Tells which operator makes a request of the internal listener. */
export interface Operators {
  /** Whether operators name themselves, and are believed. */
  readonly nameThemselves: boolean;
  /**
   * Refuses a request whose headers cannot be believed, and returns headers that replace those of the request, in lower
   * case.
   * @throws DomainError `operator_refused`
   */
  admit(peer: Peer): Readonly<Record<string, string>>;
  /** @throws DomainError `moderator_required`, `operator_refused`, or `field_invalid` for a name that is not allowed */
  operatorOf(header: HeaderOf): Operator;
  /**
   * Returns the name of the operator, for what moderators do.
   * @param otherwise who it is if operators name themselves, and the request does not say
   * @throws DomainError as `operatorOf`, and `moderator_required` for a request that does not say, without an `otherwise`
   */
  moderatorOf(header: HeaderOf, otherwise?: Moderator): Moderator;
}
