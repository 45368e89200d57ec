import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";

interface Line {
  client: Socket;
  redis: Socket;
  subscribes: boolean;
  silent: boolean;
  /** Delayed answers keep their order. */
  answered: Promise<void>;
}

/** A link between one instance and Redis, whose connections can go silent without being closed. */
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

  /** Mutes all subscriptions, including new ones. */
  muteSubscribers(): void {
    this.#mutesSubscribers = true;
    for (const line of this.#lines) line.silent ||= line.subscribes;
  }

  /** Stops muting new subscriptions; muted ones stay silent. */
  unmute(): void {
    this.#mutesSubscribers = false;
  }

  /** Whether published messages are dropped while subscriptions stay open. */
  loseMessages(loses: boolean): void {
    this.#losesMessages = loses;
  }

  /** Delays the next answers, each by this many milliseconds. */
  delayNext(answers: number, delayMs: number): void {
    this.#delay = { answers, delayMs };
  }

  /** Delays all further answers by this many milliseconds; 0 for none. */
  slowDown(delayMs: number): void {
    this.#delay = { answers: delayMs > 0 ? Infinity : 0, delayMs };
  }

  /** Silences all existing connections in both directions; new ones work. */
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
    const line: Line = { client, redis: connect(port, "127.0.0.1"), ...newLine() };
    this.#lines.add(line);
    client.on("data", (chunk) => {
      if (/\r\ns?subscribe\r\n/i.test(chunk.toString("latin1"))) line.subscribes = true;
      line.silent ||= line.subscribes && this.#mutesSubscribers;
      if (!line.silent) line.redis.write(chunk);
    });
    line.redis.on("data", (chunk) => {
      const isLost = line.subscribes && this.#losesMessages;
      if (!line.silent && !isLost) this.#answer(line, chunk);
    });
    const end = () => {
      client.destroy();
      line.redis.destroy();
      this.#lines.delete(line);
    };
    for (const socket of [client, line.redis]) socket.on("error", end).on("close", end);
  }

  #answer(line: Line, chunk: Buffer): void {
    const delayMs = this.#delay.answers-- > 0 ? this.#delay.delayMs : 0;
    const late = delayMs > 0 ? setTimeout(delayMs) : undefined;
    line.answered = line.answered.then(() => late).then(() => void line.client.write(chunk));
  }
}

const newLine = () => ({ subscribes: false, silent: false, answered: Promise.resolve() });
