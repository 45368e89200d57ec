import { createHash, randomBytes } from "node:crypto";
import type { Database, RootDatabase } from "lmdb";

/** How long somebody stays signed in, in milliseconds. */
export const LOGIN_MS = 30 * 24 * 60 * 60_000;

interface Login {
  /** The name of the user. */
  name: string;
  expiresMs: number;
}

/** Who is signed in, by the secret in the cookie. Only a hash of it is stored. */
export class Logins {
  readonly #logins: Database<Login, string>;

  constructor(database: RootDatabase) {
    this.#logins = database.openDB({ name: "logins" });
  }

  /** Returns the secret of a new login. */
  async add(name: string): Promise<string> {
    const secret = randomBytes(32).toString("base64url");
    await this.#logins.put(hashOf(secret), { name, expiresMs: Date.now() + LOGIN_MS });
    return secret;
  }

  /** Returns the name of the user; undefined if nobody is signed in with this secret. */
  nameOf(secret: string): string | undefined {
    const login = this.#logins.get(hashOf(secret));
    return login && Date.now() < login.expiresMs ? login.name : undefined;
  }

  async remove(secret: string): Promise<void> {
    await this.#logins.remove(hashOf(secret));
  }
}

const hashOf = (secret: string) => createHash("sha256").update(secret).digest("base64url");
