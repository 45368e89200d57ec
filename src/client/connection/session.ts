import type { ClientOptions, Preferences } from "../types.js";

type SessionStorage = NonNullable<ClientOptions["storage"]>;

interface Kept {
  id: string;
  token: string;
  wanted: boolean;
  preferences: Preferences;
}

/**
 * Who we are to the server and what the person wants, kept across page reloads.
 *
 * Epoch and sequence are not kept: a fresh page cannot apply events on top of a state it does not have, so it asks for
 * a snapshot.
 */
export class Session {
  /** The public id; empty when there is no session. */
  id = "";
  /** The secret; undefined when there is no session. */
  token: string | undefined;
  /** The person pressed start and not stop. */
  wanted = false;
  preferences: Preferences = {};
  readonly #storage: SessionStorage | null;
  readonly #key: string;

  constructor(baseUrl: string, storage: SessionStorage | null | undefined) {
    this.#storage = storage === undefined ? defaultStorage() : storage;
    this.#key = `satoshigle:${baseUrl}`;
    this.#load();
  }

  /** The server told who we are. */
  adopt(id: string, token: string): void {
    this.id = id;
    this.token = token;
    this.#save();
  }

  /** Remembers what the person wants. */
  want(wanted: boolean, preferences: Preferences = this.preferences): void {
    this.wanted = wanted;
    this.preferences = preferences;
    this.#save();
  }

  /** The session is gone on the server; what the person wants stays. */
  forget(): void {
    this.token = undefined;
    this.id = "";
    this.#save();
  }

  /** Nothing stays. */
  clear(): void {
    this.wanted = false;
    this.preferences = {};
    this.forget();
  }

  #load(): void {
    const kept = parse(this.#read());
    if (!kept) return;
    this.id = kept.id;
    this.token = kept.token;
    this.wanted = kept.wanted;
    this.preferences = kept.preferences;
  }

  #read(): string | null {
    try {
      return this.#storage?.getItem(this.#key) ?? null;
    } catch {
      return null;
    }
  }

  #save(): void {
    try {
      if (this.token === undefined) return this.#storage?.removeItem(this.#key);
      const kept: Kept = { id: this.id, token: this.token, wanted: this.wanted, preferences: this.preferences };
      this.#storage?.setItem(this.#key, JSON.stringify(kept));
    } catch {
      // Storage is full or forbidden: the session then simply does not survive a reload.
    }
  }
}

function parse(text: string | null): Kept | undefined {
  try {
    const kept = JSON.parse(text ?? "null") as Partial<Kept> | null;
    if (typeof kept?.id !== "string" || typeof kept.token !== "string") return undefined;
    return { id: kept.id, token: kept.token, wanted: kept.wanted === true, preferences: kept.preferences ?? {} };
  } catch {
    return undefined;
  }
}

function defaultStorage(): SessionStorage | null {
  try {
    // The getter itself throws where cookies are blocked.
    return (globalThis as { sessionStorage?: SessionStorage }).sessionStorage ?? null;
  } catch {
    return null;
  }
}
