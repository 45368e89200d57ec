import http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import type { TestServer } from "../../support/server.js";

/** A request as sent over the wire. */
export interface RawCall {
  httpMethod: string;
  path: string;
  /** In order; names may repeat. */
  headers: [name: string, value: string][];
  /** The chunks of the body. */
  pieces: Buffer[];
  /** How the body ends: normally, with the connection, or never. */
  end: "proper" | "cut" | "never";
}

export interface RawAnswer {
  /** 0 if there was none. */
  status: number;
  headers: Map<string, string[]>;
  body: Buffer;
}

const none: RawAnswer = { status: 0, headers: new Map(), body: Buffer.alloc(0) };

/** A client of one server for arbitrary requests over HTTP/1.1 or HTTP/2, on persistent connections. */
export class RawClient {
  readonly #agent = new http.Agent({ keepAlive: true });
  #session: http2.ClientHttp2Session | undefined;

  /** @param isEnough whether an endless body has arrived as far as needed */
  constructor(
    readonly server: TestServer,
    private readonly isEnough: (body: Buffer) => boolean,
  ) {}

  async h1({ httpMethod: method, path, headers, pieces, end }: RawCall): Promise<RawAnswer> {
    const request = http.request({
      port: this.server.port,
      host: "127.0.0.1",
      method,
      path,
      agent: end === "proper" ? this.#agent : false,
      headers: [["host", `127.0.0.1:${String(this.server.port)}`], ...headers].flat(),
    });
    request.on("error", () => undefined).setNoDelay(true);
    let isComplete = false;
    const answered = new Promise<RawAnswer>((resolve) => {
      const close = () => resolve(none);
      request.once("close", close).once("response", (response) => {
        request.off("close", close); // may come before the last of the body was read
        void this.#read(response).then((body) => {
          isComplete = response.complete;
          const pairs = response.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [[name, all[at + 1]]] : []));
          resolve({ status: response.statusCode ?? 0, headers: collected(pairs as [string, string][]), body });
        });
      });
    });
    await write(request, pieces, end, () => request.destroy());
    if (end === "cut") return none;
    return answered.finally(() => (end === "proper" && isComplete ? undefined : request.destroy()));
  }

  async h2({ httpMethod, path, headers, pieces, end }: RawCall): Promise<RawAnswer> {
    const session = this.#connected();
    const all: http2.OutgoingHttpHeaders = { ":method": httpMethod, ":path": path };
    for (const [name, value] of headers) all[name.toLowerCase()] = value;
    const stream = session.request(all, { endStream: false });
    stream.on("error", () => undefined);
    const answered = new Promise<RawAnswer>((resolve) => {
      const close = () => resolve(none);
      stream.once("close", close).once("response", (head) => {
        stream.off("close", close);
        const status = head[":status"] ?? 0;
        const pairs = Object.entries(head).filter(([name]) => !name.startsWith(":"));
        void this.#read(stream).then((body) =>
          resolve({ status, headers: collected(pairs as [string, string][]), body }),
        );
      });
    });
    await write(stream, pieces, end, () => undefined);
    if (end === "cut") {
      await cancel(stream);
      return none;
    }
    // A whole answer is not cancelled: HTTP/2 servers end a connection with thousands of resets, and the calls on it.
    return answered.finally(() => (!stream.readableEnded || end === "never" ? cancel(stream) : undefined));
  }

  close(): void {
    this.#agent.destroy();
    this.#session?.destroy();
  }

  #connected(): http2.ClientHttp2Session {
    if (this.#session === undefined || this.#session.closed || this.#session.destroyed) {
      this.#session = http2.connect(this.server.url);
      this.#session.on("error", () => undefined).setMaxListeners(0);
    }
    return this.#session;
  }

  async #read(readable: NodeJS.ReadableStream): Promise<Buffer> {
    let body = Buffer.alloc(0);
    try {
      for await (const chunk of readable) {
        body = Buffer.concat([body, chunk as Buffer]);
        if (this.isEnough(body)) break;
      }
    } catch {
      // What arrived before the connection broke is the answer.
    }
    return body;
  }
}

/**
 * Cancels a stream in a turn of its own. While Node.js 20 handles what has arrived on a connection, a cancellation may
 * write to it without end, until the memory is used up.
 */
async function cancel(stream: http2.ClientHttp2Stream): Promise<void> {
  await new Promise(setImmediate);
  stream.close(http2.constants.NGHTTP2_CANCEL);
}

/** The response to bytes sent over their own connection, until the server closes it. */
export async function sendBytes({ port }: TestServer, bytes: string): Promise<string> {
  const socket = net.connect(port, "127.0.0.1");
  socket.on("error", () => undefined).end(Buffer.from(bytes, "latin1"));
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("latin1");
}

interface Writable extends NodeJS.EventEmitter {
  readonly destroyed: boolean;
  /** Calls back when the bytes have been written, or cannot be. */
  write(bytes: Buffer, done: () => void): boolean;
  end(bytes?: Buffer): unknown;
}

async function write(writable: Writable, pieces: Buffer[], end: RawCall["end"], cut: () => void): Promise<void> {
  const [only, ...more] = pieces;
  if (end === "proper" && more.length === 0) {
    writable.end(only);
    return;
  }
  for (const piece of pieces) {
    if (writable.destroyed || ("writableEnded" in writable && writable.writableEnded === true)) return; // answered; no more is read
    await new Promise<void>((resolve) => {
      writable.once("aborted", resolve).once("close", resolve);
      writable.write(piece, () => {
        writable.off("aborted", resolve).off("close", resolve);
        resolve();
      });
    });
  }
  if (end === "proper") writable.end();
  else if (end === "cut") cut();
}

function collected(pairs: [string, string | string[]][]): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    headers.set(key, [...(headers.get(key) ?? []), ...(Array.isArray(value) ? value : [value])]);
  }
  return headers;
}
