import { once } from "node:events";
import net from "node:net";

/** A connection for unary calls of many sessions, one at a time. */
export class CallLine {
  #answered: { resolve: () => void; reject: (error: Error) => void } | undefined;
  #received = "";

  private constructor(private readonly socket: net.Socket) {
    socket.on("data", (chunk) => this.#receive(chunk.toString("latin1")));
    socket.on("error", () => undefined); // "close" follows
    socket.once("close", () => this.#answered?.reject(new Error("the connection closed during a call")));
  }

  static async open(port: number): Promise<CallLine> {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new CallLine(socket);
  }

  readonly call = (token: string, method: string, body: Uint8Array): Promise<void> => {
    const lines = [
      `POST /satoshigle.v1.${method} HTTP/1.1`,
      "host: 127.0.0.1",
      "content-type: application/proto",
      "connect-protocol-version: 1",
      `authorization: Bearer ${token}`,
      `content-length: ${String(body.length)}`,
    ];
    this.socket.write(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), body]));
    return new Promise((resolve, reject) => (this.#answered = { resolve, reject }));
  };

  close(): void {
    this.socket.destroy();
  }

  #receive(text: string): void {
    this.#received += text;
    const end = this.#received.indexOf("\r\n\r\n");
    if (end < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(this.#received)?.[1] ?? NaN);
    if (this.#received.length < end + 4 + length) return;
    const answer = this.#received;
    this.#received = "";
    if (answer.startsWith("HTTP/1.1 200 ")) this.#answered?.resolve();
    else this.#answered?.reject(new Error(`refused: ${answer}`));
    this.#answered = undefined;
  }
}
