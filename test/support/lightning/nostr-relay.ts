import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

/** A Nostr event (NIP-01). Readers verify its signature. */
interface NostrEvent {
  id: string;
  pubkey: string;
  kind: number;
  tags: string[][];
}

/** A filter of a subscription; an event must match all of its fields. */
interface Filter {
  kinds?: number[];
  authors?: string[];
  "#p"?: string[];
  "#e"?: string[];
}

/** Events of these kinds are forwarded and not stored. */
const isEphemeral = (kind: number) => kind >= 20_000 && kind < 30_000;

/** A Nostr relay on loopback, as far as wallets and their clients need it. */
export class NostrRelay {
  readonly #server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  readonly #subscriptions = new Map<WebSocket, Map<string, Filter[]>>();
  readonly #kept: NostrEvent[] = [];
  #wake: (() => void)[] = [];

  private constructor() {
    this.#server.on("connection", (socket) => this.#welcome(socket));
  }

  static async start(): Promise<NostrRelay> {
    const relay = new NostrRelay();
    await once(relay.#server, "listening");
    return relay;
  }

  get url(): string {
    return `ws://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  /** Waits until a client subscribes to events for this key. */
  async listened(publicKey: string): Promise<void> {
    const isHeard = (filter: Filter) => filter["#p"]?.includes(publicKey) === true;
    while (!this.#all().some(({ filters }) => filters.some(isHeard))) {
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** Waits until a client subscribes to events of this kind. */
  async listenedFor(kind: number): Promise<void> {
    while (!this.#all().some(({ filters }) => filters.some((filter) => filter.kinds?.includes(kind)))) {
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
  }

  /** Drops all connections, like a restart of the relay. */
  drop(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  async close(): Promise<void> {
    this.drop();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }

  #welcome(socket: WebSocket): void {
    const own = new Map<string, Filter[]>();
    this.#subscriptions.set(socket, own);
    socket.on("close", () => this.#subscriptions.delete(socket));
    socket.on("message", (data: Buffer) => {
      const [type, first, ...rest] = JSON.parse(data.toString()) as [string, unknown, ...unknown[]];
      if (type === "EVENT") this.#publish(socket, first as NostrEvent);
      if (type === "REQ") this.#subscribe(socket, own, first as string, rest as Filter[]);
      if (type === "CLOSE") own.delete(first as string);
    });
  }

  #publish(socket: WebSocket, event: NostrEvent): void {
    if (!isEphemeral(event.kind)) this.#kept.push(event);
    for (const { subscriber, name, filters } of this.#all()) {
      if (filters.some((filter) => matches(filter, event))) say(subscriber, "EVENT", name, event);
    }
    say(socket, "OK", event.id, true, "");
  }

  #subscribe(socket: WebSocket, own: Map<string, Filter[]>, name: string, filters: Filter[]): void {
    own.set(name, filters);
    for (const event of this.#kept) {
      if (filters.some((filter) => matches(filter, event))) say(socket, "EVENT", name, event);
    }
    say(socket, "EOSE", name);
    for (const wake of this.#wake.splice(0)) wake();
  }

  #all() {
    return [...this.#subscriptions].flatMap(([subscriber, own]) =>
      [...own].map(([name, filters]) => ({ subscriber, name, filters })),
    );
  }
}

function matches(filter: Filter, { kind, pubkey, tags }: NostrEvent): boolean {
  const names = (tag: string, values: string[] | undefined) =>
    values === undefined || tags.some(([name, value = ""]) => name === tag && values.includes(value));
  const isOfKind = filter.kinds?.includes(kind) ?? true;
  const isOfAuthor = filter.authors?.includes(pubkey) ?? true;
  return isOfKind && isOfAuthor && names("p", filter["#p"]) && names("e", filter["#e"]);
}

function say(socket: WebSocket, ...message: unknown[]): void {
  socket.send(JSON.stringify(message));
}
