import type { Identity } from "../core/identity.js";

/** Verifies the identity tokens of the app. */
export interface IdentityVerifier {
  /**
   * Returns who a token is about. Tokens are not single-use.
   * @throws DomainError `identity_refused` with the problem; `identity_unavailable` while there is no key to verify with
   */
  verify(token: string): Promise<Identity>;
}
