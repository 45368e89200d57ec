import { randomBytes, randomUUID, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import type { Database, RootDatabase } from "lmdb";
import type { Country } from "./countries.js";

/** What a user chooses, and may change. */
export interface Choice {
  /** The countries of the people to meet; empty for all. */
  countries: Country[];
  /** Whether the user only writes. */
  textOnly: boolean;
}

export interface User {
  /** Never changes, unlike the name: it is the `sub` of identity tokens. */
  id: string;
  name: string;
  /** Empty if the user does not say. */
  country: Country | "";
  choice: Choice;
  isPremium: boolean;
  /** Whether operators restricted the user to writing. */
  isRestricted: boolean;
}

interface StoredUser extends User {
  salt: string;
  hash: string;
}

const HASH_BYTES = 32;
const hashOf = promisify(scrypt) as (password: string, salt: string, bytes: number) => Promise<Buffer>;

/** The users, by their names in lower case. */
export class Users {
  readonly #users: Database<StoredUser, string>;

  constructor(database: RootDatabase) {
    this.#users = database.openDB({ name: "users" });
  }

  find(name: string): User | undefined {
    const stored = this.#users.get(keyOf(name));
    return stored && withoutPassword(stored);
  }

  /** Returns undefined if the name is taken. */
  async add(name: string, password: string, country: Country | ""): Promise<User | undefined> {
    const salt = randomBytes(16).toString("base64url");
    const hash = (await hashOf(password, salt, HASH_BYTES)).toString("base64url");
    const choice = { countries: [], textOnly: false };
    const user = { id: randomUUID(), name, country, choice, isPremium: false, isRestricted: false };
    const isNew = await this.#users.ifNoExists(keyOf(name), () =>
      this.#users.put(keyOf(name), { ...user, salt, hash }),
    );
    return isNew ? user : undefined;
  }

  /** Returns undefined if the name or the password is wrong, after the same time. */
  async check(name: string, password: string): Promise<User | undefined> {
    const stored = this.#users.get(keyOf(name));
    const hash = await hashOf(password, stored?.salt ?? "", HASH_BYTES);
    const expected = Buffer.from(stored?.hash ?? "", "base64url");
    const isRight = expected.length === hash.length && timingSafeEqual(expected, hash);
    return isRight && stored ? withoutPassword(stored) : undefined;
  }

  /** Returns the changed user; undefined if there is none with this name. */
  change(name: string, changes: Partial<Omit<User, "id" | "name">>): Promise<User | undefined> {
    return this.#users.transaction(() => {
      const stored = this.#users.get(keyOf(name));
      if (stored === undefined) return undefined;
      const changed = { ...stored, ...changes };
      void this.#users.put(keyOf(name), changed);
      return withoutPassword(changed);
    });
  }
}

const keyOf = (name: string) => name.toLowerCase();

function withoutPassword({ id, name, country, choice, isPremium, isRestricted }: StoredUser): User {
  return { id, name, country, choice, isPremium, isRestricted };
}
