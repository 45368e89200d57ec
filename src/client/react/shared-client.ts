import { Satoshigle } from "../satoshigle.js";
import { SatoshigleError } from "../errors.js";
import type { ChatMessage, ClientEvents, ClientOptions, SatoshigleClient, State, Tip } from "../types.js";

/** The latest lines of a chat that are kept. A partner may send five per second for hours. */
const MAX_MESSAGES = 500;

/** What a component renders. Each change creates a new object. */
export interface ClientView {
  state: State;
  /** The partner's media; `null` without a call. */
  partnerStream: MediaStream | null;
  /** The latest 500 lines of the current match, or of the last one until the next begins. */
  messages: readonly ChatMessage[];
  /** How the last match ended; `null` before that. */
  lastEnd: ClientEvents["ended"][0] | null;
  /** All tips that the client knows, oldest first. */
  tips: readonly Tip[];
  /** The latest error that people should see, until `clearError` or the next match. */
  error: SatoshigleError | null;
}

/** The view without a client: on a server, and in the first render. */
export const EMPTY_VIEW: ClientView = {
  state: { connection: { status: "closed" }, activity: { phase: "idle" }, tips: null, attributes: [], modeLimit: "" },
  partnerStream: null,
  messages: [],
  lastEnd: null,
  tips: [],
  error: null,
};

/** A client for all components that use its URL. It is closed soon after the last of them is unmounted. */
export class SharedClient {
  readonly client: SatoshigleClient;
  readonly #listeners = new Set<() => void>();
  #view: ClientView;

  constructor(url: string, options: ClientOptions) {
    const client = new Satoshigle(url, options);
    this.client = client;
    this.#view = { ...EMPTY_VIEW, state: client.state, tips: client.tips };
    client.on("state", (state) => this.#change({ state }));
    client.on("partnerStream", (partnerStream) => this.#change({ partnerStream }));
    client.on("matched", () => this.#change({ messages: [], error: null }));
    client.on("message", (message) =>
      this.#change({ messages: [...this.#view.messages, message].slice(-MAX_MESSAGES) }),
    );
    client.on("ended", (lastEnd) => this.#change({ lastEnd }));
    client.on("tip", () => this.#change({ tips: client.tips }));
    client.on("error", (error) => this.#change({ error }));
  }

  readonly getView = (): ClientView => this.#view;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly clearError = (): void => this.#change({ error: null });

  /** Connects if an earlier page left a session. `close` may come first, which is no error. */
  resume(): void {
    if (!this.client.resumable) return;
    this.client.connect().catch((error: unknown) => {
      if (error instanceof SatoshigleError && error.code !== "closed") this.#change({ error });
    });
  }

  #change(change: Partial<ClientView>): void {
    this.#view = { ...this.#view, ...change };
    for (const listener of [...this.#listeners]) listener();
  }
}

interface Entry {
  shared: SharedClient;
  users: number;
}

const entries = new Map<string, Entry>();

/** Returns the client for this URL, and counts a user of it. */
export function acquire(
  url: string,
  { resume = true, ...options }: ClientOptions & { resume?: boolean },
): SharedClient {
  const entry = entries.get(url) ?? { shared: new SharedClient(url, options), users: 0 };
  if (!entries.has(url) && resume) entry.shared.resume();
  entries.set(url, entry);
  entry.users++;
  return entry.shared;
}

/**
 * A user is gone. Without others the client is closed, but not at once: StrictMode and hot reloading mount a component
 * again in the same task, and its call must go on.
 */
export function release(url: string): void {
  const entry = entries.get(url);
  if (!entry) return;
  entry.users--;
  setTimeout(() => {
    if (entry.users > 0 || entries.get(url) !== entry) return;
    entries.delete(url);
    void entry.shared.client.close();
  });
}
