import { type StunServer, type Link, openLink } from "./link.js";
import { type Attribute, type Credentials, decode, encodeRequest, type Message } from "./message.js";

/** The first pause before a request is repeated over UDP, in milliseconds. It doubles each time (RFC 8489, 6.2.1). */
const REPEAT_MS = 500;

/** The server did not answer in time. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** Sends requests to a STUN or TURN server, and receives what it relays. */
export class StunClient {
  readonly #pending = new Map<string, { resolve: (message: Message) => void; reject: (error: Error) => void }>();
  readonly #indications: ((message: Message) => void)[] = [];
  #link: Link | undefined;
  #ended: Error | undefined;

  private constructor(private readonly timeoutMs: number) {}

  /** @throws Error that says why there is no connection */
  static async open(server: StunServer, timeoutMs: number): Promise<StunClient> {
    const client = new StunClient(timeoutMs);
    const onEnd = (error: Error) => {
      client.#end(error);
    };
    const onMessage = (message: Message) => {
      client.#receive(message);
    };
    client.#link = await openLink(server, timeoutMs, { onMessage, onEnd });
    return client;
  }

  /** Returns the response, a success or an error. @throws NoAnswer, or Error if the connection breaks */
  async request(method: number, attributes: readonly Attribute[] = [], credentials?: Credentials): Promise<Message> {
    if (this.#ended !== undefined) throw this.#ended;
    const bytes = encodeRequest(method, attributes, credentials);
    const key = keyOf(decode(bytes)?.transaction);
    let timers: NodeJS.Timeout[] = [];
    try {
      return await new Promise<Message>((resolve, reject) => {
        this.#pending.set(key, { resolve, reject });
        timers = this.#schedule(bytes, reject);
      });
    } finally {
      timers.forEach(clearTimeout);
      this.#pending.delete(key);
    }
  }

  /** Sends a request, and repeats it as long as an answer may come. Returns the timers. */
  #schedule(bytes: Buffer, reject: (error: Error) => void): NodeJS.Timeout[] {
    const send = () => this.#link?.send(bytes);
    const noAnswer = new NoAnswer(`no answer within ${String(this.timeoutMs / 1000)} s`);
    const timers = [setTimeout(reject, this.timeoutMs, noAnswer)];
    send();
    if (this.#link?.isReliable === true) return timers;
    for (let atMs = REPEAT_MS, pauseMs = REPEAT_MS; atMs < this.timeoutMs; pauseMs *= 2, atMs += pauseMs) {
      timers.push(setTimeout(send, atMs));
    }
    return timers;
  }

  /** Calls back with each indication, such as relayed data. */
  onIndication(listener: (message: Message) => void): void {
    this.#indications.push(listener);
  }

  close(): void {
    this.#end(new Error("closed"));
    this.#link?.close();
  }

  #receive(message: Message): void {
    if (message.kind === "indication") for (const listener of this.#indications) listener(message);
    else this.#pending.get(keyOf(message.transaction))?.resolve(message);
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#pending.values()) reject(error);
  }
}

function keyOf(transaction: Buffer | undefined): string {
  return transaction?.toString("hex") ?? "";
}
