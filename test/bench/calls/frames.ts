import { randomBytes } from "node:crypto";
import net from "node:net";

/** First byte of a complete text frame, and of a close frame (RFC 6455, 5.2). */
const [TEXT, CLOSE] = [0x81, 0x88];
const MASKED = 0x80;
/** Lengths from this value use two more bytes. */
const EXTENDED = 126;

/** A masked client message, ready to be written. */
export function frameOf(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const head =
    payload.length < EXTENDED
      ? Buffer.of(TEXT, MASKED | payload.length)
      : Buffer.of(TEXT, MASKED | EXTENDED, payload.length >> 8, payload.length & 0xff);
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([head, mask, masked]);
}

/** A WebSocket on a TCP connection, with prepared messages and minimal parsing of received ones. */
export class Frames {
  onMessage: (message: Buffer) => void = () => undefined;
  onFailure: (error: unknown) => void = () => undefined;
  #rest: Buffer = Buffer.alloc(0);

  private constructor(private readonly socket: net.Socket) {
    socket.on("error", (error) => this.onFailure(error));
    socket.once("close", () => this.onFailure(new Error("a connection closed")));
  }

  static async open(port: number, path: string): Promise<Frames> {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    const frames = new Frames(socket);
    const lines = [
      `GET ${path} HTTP/1.1`,
      `host: 127.0.0.1:${String(port)}`,
      "connection: Upgrade",
      "upgrade: websocket",
      "sec-websocket-version: 13",
      `sec-websocket-key: ${randomBytes(16).toString("base64")}`,
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    await frames.#upgrade();
    return frames;
  }

  write(frame: Buffer): void {
    this.socket.write(frame);
  }

  close(): void {
    this.onFailure = () => undefined;
    this.socket.destroy();
  }

  #upgrade(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.onFailure = reject;
      const take = (chunk: Buffer) => {
        this.#rest = Buffer.concat([this.#rest, chunk]);
        const end = this.#rest.indexOf("\r\n\r\n");
        if (end < 0) return;
        this.socket.off("data", take).on("data", (data: Buffer) => this.#receive(data));
        const frames = this.#rest.subarray(end + 4);
        this.#rest = Buffer.alloc(0);
        this.onFailure = () => undefined;
        resolve();
        setImmediate(() => this.#receive(frames)); // the waiting caller has its listener by then
      };
      this.socket.on("data", take);
    });
  }

  #receive(chunk: Buffer): void {
    let rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (rest.length >= 2) {
      const [kind = 0, short = 0] = rest;
      const start = short < EXTENDED ? 2 : 4;
      if (rest.length < start) break;
      const end = start + (short < EXTENDED ? short : rest.readUInt16BE(2));
      if (rest.length < end) break;
      const message = rest.subarray(start, end);
      rest = rest.subarray(end);
      if (kind === CLOSE) this.onFailure(new Error("the server closed a connection"));
      else this.onMessage(message);
    }
    this.#rest = rest;
  }
}
