import { type ConnectOpts, Socket, type SocketConstructorOpts } from "node:net";
import { StringDecoder } from "node:string_decoder";
import type { Ask } from "./store-messages.js";

/** The descriptor of the pipe in the child process. */
const DESCRIPTOR = 4;
/**
 * Pause between two reads, in milliseconds: each read wakes the process and leads to a flush of the disk. Linux holds 167
 * requests meanwhile, whatever their size; more wait in the writer.
 */
const GATHER_MS = 40;
const BUFFER_BYTES = 65_536;

/** Whether this runtime has the pipe. A socket of Bun 1.4 does not read from an inherited descriptor. */
export const hasPipe = process.versions.bun === undefined;

/** Serializes a request for the pipe. Its arguments must be JSON values. */
export function lineOf(ask: Ask): string {
  return `${JSON.stringify(ask)}\n`;
}

/**
 * The child's end of a pipe for requests that are not urgent. An IPC message wakes the child, which costs the sender more
 * than the message itself. Data in the pipe waits in the kernel until the next read, even if the writer is killed.
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
    const text = this.#decoder.write(bytes);
    const end = text.lastIndexOf("\n");
    const complete = end === -1 ? "" : this.#rest + text.slice(0, end);
    this.#rest = end === -1 ? this.#rest + text : text.slice(end + 1);
    for (const line of complete.split("\n")) if (line !== "") this.onAsk(JSON.parse(line) as Ask);
    if (bytes.length === BUFFER_BYTES) return true;
    setTimeout(() => this.#socket.resume(), GATHER_MS);
    return false;
  }
}
