import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

interface Line {
  client: Socket;
  redis: Socket;
  subscribes: boolean;
  silent: boolean;
}

/** The network between one instance and Redis, on which connections can go silent without anybody being told. */
export class RedisLink {
  readonly #lines = new Set<Line>();
  #mutesSubscribers = false;
  #losesMessages = false;
  #delay = { answers: 0, delayMs: 0 };

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(port: number): Promise<RedisLink> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const link = new RedisLink(server, `redis://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
    server.on("connection", (client) => link.#plug(client, port));
    return link;
  }

  /** Subscriptions hear nothing any more, new ones neither. */
  muteSubscribers(): void {
    this.#mutesSubscribers = true;
    for (const line of this.#lines) line.silent ||= line.subscribes;
  }

  /** New subscriptions hear again; those that went silent stay so. */
  unmute(): void {
    this.#mutesSubscribers = false;
  }

  /** While it loses messages, subscriptions stay open and miss what is published. */
  loseMessages(loses: boolean): void {
    this.#losesMessages = loses;
  }

  /** The next answers come late, each so many milliseconds; those after them at once. */
  delayNext(answers: number, delayMs: number): void {
    this.#delay = { answers, delayMs };
  }

  /** Every connection there is goes silent, both ways; new ones work. */
  freeze(): void {
    for (const line of this.#lines) line.silent = true;
  }

  close(): void {
    for (const { client, redis } of this.#lines) {
      client.destroy();
      redis.destroy();
    }
    this.server.close();
  }

  #plug(client: Socket, port: number): void {
    const line: Line = { client, redis: connect(port, "127.0.0.1"), subscribes: false, silent: false };
    this.#lines.add(line);
    client.on("data", (chunk) => {
      if (/\r\ns?subscribe\r\n/i.test(chunk.toString("latin1"))) line.subscribes = true;
      line.silent ||= line.subscribes && this.#mutesSubscribers;
      if (!line.silent) line.redis.write(chunk);
    });
    line.redis.on("data", (chunk) => {
      const isLost = line.subscribes && this.#losesMessages;
      if (!line.silent && !isLost) this.#answer(client, chunk);
    });
    const end = () => {
      client.destroy();
      line.redis.destroy();
      this.#lines.delete(line);
    };
    for (const socket of [client, line.redis]) socket.on("error", end).on("close", end);
  }

  #answer(client: Socket, chunk: Buffer): void {
    if (this.#delay.answers-- > 0) setTimeout(() => client.write(chunk), this.#delay.delayMs);
    else client.write(chunk);
  }
}
