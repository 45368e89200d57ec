import { SignJWT } from "jose";
import type { User } from "./users.js";

/** Signs identity tokens, with which this app vouches for its users at the Satoshigle server. */
export class IdentityTokens {
  readonly #secret: Uint8Array;

  /** @param secret the same as `IDENTITY_SECRET` of the server */
  constructor(secret: string) {
    this.#secret = new TextEncoder().encode(secret);
  }

  /** A token for ten minutes; the client asks for the next one in time. */
  sign({ id, name, country, isPremium, isRestricted }: User): Promise<string> {
    const claims = {
      profile: { name, badges: isPremium ? ["premium"] : [] },
      attributes: country === "" ? {} : { home_country: country },
      priority: isPremium ? 5 : 0,
      restrictions: isRestricted ? ["text_only"] : [],
    };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(id)
      .setIssuedAt()
      .setExpirationTime("10m")
      .sign(this.#secret);
  }
}
