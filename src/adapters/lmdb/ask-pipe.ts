import { type ConnectOpts, Socket, type SocketConstructorOpts } from "node:net";
import { StringDecoder } from "node:string_decoder";
import type { Ask } from "./store-messages.js";

/** The descriptor of the pipe in the child process. */
const DESCRIPTOR = 4;
/**
 * How long what is written stays in the pipe, in milliseconds: each reading costs a turn of a processor, and a flush. The
 * kernel holds some 200 requests.
 */
const GATHER_MS = 40;
const BUFFER_BYTES = 65_536;

/** Whether this runtime has the pipe. A socket of Bun 1.4 does not read from an inherited descriptor. */
export const hasPipe = process.versions.bun === undefined;

/** Packs a request for the pipe. Its arguments must be what JSON can say. */
export function lineOf(ask: Ask): string {
  return `${JSON.stringify(ask)}\n`;
}

/**
 * The child's side of a pipe for requests that may wait. A message between processes wakes its receiver, which costs the
 * sender more than the message itself. What is in the pipe waits in the kernel instead, where it outlives its writer.
 */
export class AskPipe {
  /** Resolves when the writer has closed the pipe, or was killed, and everything was read. */
  readonly ended: Promise<void>;
  readonly #socket: Socket;
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";

  constructor(private readonly onAsk: (ask: Ask) => void) {
    const buffer = Buffer.alloc(BUFFER_BYTES);
    const callback = (count: number) => this.#read(buffer.subarray(0, count));
    const options: SocketConstructorOpts & ConnectOpts = {
      fd: DESCRIPTOR,
      writable: false,
      onread: { buffer, callback },
    };
    this.#socket = new Socket(options);
    this.ended = new Promise((resolve) => {
      this.#socket.once("close", () => {
        resolve();
      });
    });
    this.#socket.on("error", () => undefined).resume();
  }

  /** @returns whether there may be more to read at once */
  #read(bytes: Buffer): boolean {
    const lines = (this.#rest + this.#decoder.write(bytes)).split("\n");
    this.#rest = lines.pop() ?? ""; // incomplete
    for (const line of lines) this.onAsk(JSON.parse(line) as Ask);
    if (bytes.length === BUFFER_BYTES) return true;
    setTimeout(() => this.#socket.resume(), GATHER_MS);
    return false;
  }
}
