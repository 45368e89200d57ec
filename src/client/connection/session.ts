import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import type { SignalResponse } from "../gen/satoshigle/v1/signaling_pb.js";
import type { ClientOptions, Preferences } from "../types.js";
import { deviceKey } from "./device-key.js";
import { SessionLock } from "./session-lock.js";

type SessionStorage = NonNullable<ClientOptions["storage"]>;

interface StoredSession {
  id: string;
  token: string;
  wanted: boolean;
  preferences: Preferences;
}

/**
 * The session of this client on the server and the person's intent, stored across page reloads. The stream position is
 * not stored: a new page has no state to apply events to, so it needs a snapshot.
 */
export class Session {
  /** The public ID; empty without a session. */
  id = "";
  /** The secret; undefined without a session. */
  token: string | undefined;
  /** Whether the person wants a partner: pressed start, and not stop. */
  wanted = false;
  preferences: Preferences = {};
  /** How far the server's clock is ahead of ours. */
  clockOffsetMs = 0;
  /** Over how long the clients of the present stream's server come back when all of them lose it. */
  spreadMs = 0;
  readonly #storage: SessionStorage | null;
  readonly #key: string;
  readonly #lock = new SessionLock();

  constructor(baseUrl: string, storage: SessionStorage | null | undefined) {
    this.#storage = storage === undefined ? defaultStorage() : storage;
    this.#key = `satoshigle:${baseUrl}`;
    this.#load();
  }

  /**
   * Claims the stored session for this tab. If another tab uses it, this client starts a session of its own and wants
   * nothing. Undefined if there is nothing to wait for.
   */
  claim(): Promise<void> | undefined {
    const { token } = this;
    const claimed = token === undefined ? undefined : this.#lock.claim(this.id);
    return claimed?.then((isOwn) => {
      if (isOwn || this.token !== token) return;
      // The stored copy stays: the tabs may share a storage.
      this.id = "";
      this.token = undefined;
      this.wanted = false;
    });
  }

  /** Empty for a client that stores nothing. */
  get deviceKey(): string {
    return this.#storage ? deviceKey() : "";
  }

  /** Lets another page of this tab claim the session. */
  suspend(): void {
    this.#lock.release();
  }

  /** Stores the session that the server has assigned. */
  adopt(id: string, token: string): void {
    this.id = id;
    this.token = token;
    this.#lock.hold(id);
    this.#save();
  }

  /** Stores what the person wants. */
  want(wanted: boolean, preferences: Preferences = this.preferences): void {
    this.wanted = wanted;
    this.preferences = preferences;
    this.#save();
  }

  /** Forgets a session that is over on the server, but not what the person wants. */
  forget(): void {
    this.#lock.release();
    this.token = undefined;
    this.id = "";
    this.#save();
  }

  /** Deletes everything. */
  clear(): void {
    this.wanted = false;
    this.preferences = {};
    this.forget();
  }

  #load(): void {
    const stored = parse(this.#read());
    if (!stored) return;
    this.id = stored.id;
    this.token = stored.token;
    this.wanted = stored.wanted;
    this.preferences = stored.preferences;
  }

  #read(): string | null {
    try {
      return this.#storage?.getItem(this.#key) ?? null;
    } catch {
      return null;
    }
  }

  #save(): void {
    const { id, token, wanted, preferences } = this;
    try {
      if (token === undefined) return this.#storage?.removeItem(this.#key);
      const stored: StoredSession = { id, token, wanted, preferences };
      this.#storage?.setItem(this.#key, JSON.stringify(stored));
    } catch {
      // The storage is full or blocked: the session then does not survive a reload.
    }
  }

  /** Learns what the server says about itself from time to time. */
  hear({ serverTime, reconnectWithin }: SignalResponse): void {
    if (!serverTime) return;
    this.clockOffsetMs = timestampMs(serverTime) - Date.now();
    this.spreadMs = reconnectWithin ? durationMs(reconnectWithin) : 0;
  }
}

function parse(text: string | null): StoredSession | undefined {
  try {
    const stored = JSON.parse(text ?? "null") as Partial<StoredSession> | null;
    if (typeof stored?.id !== "string" || typeof stored.token !== "string") return undefined;
    return {
      id: stored.id,
      token: stored.token,
      wanted: stored.wanted === true,
      preferences: stored.preferences ?? {},
    };
  } catch {
    return undefined;
  }
}

function defaultStorage(): SessionStorage | null {
  try {
    // The getter throws if cookies are blocked.
    return (globalThis as { sessionStorage?: SessionStorage }).sessionStorage ?? null;
  } catch {
    return null;
  }
}
