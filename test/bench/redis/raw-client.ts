import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { fromBinary } from "@bufbuild/protobuf";
import { type SignalResponse, SignalResponseSchema } from "../../../gen/satoshigle/v1/signaling_pb.js";
import type { EventCase, EventOf } from "../../support/test-client.js";

const ENVELOPE_BYTES = 5;
/** Flag of the last envelope of a stream, which contains its status. */
const LAST_FLAG = 2;
/** Protobuf tags of `SignalResponse.sequence` and `.signal_received`. */
const [SEQUENCE_TAG, SIGNAL_TAG] = [0x08, 0x2a];

/** Half of the server's keep-alive timeout, in milliseconds. */
const RESTED_MS = 5_000;

/** A minimal client in the browser client's formats, which uses as little CPU time as possible. */
export class RawClient {
  onSignal: () => void = () => undefined;
  /** Called for every other event. */
  onEvent: (message: SignalResponse) => void = () => undefined;
  onFailure: (error: unknown) => void = () => undefined;
  #token = "";
  #socket: net.Socket | undefined;
  #answered: { resolve: () => void; reject: (error: Error) => void } | undefined;
  #usedMs = 0;
  #received = "";
  #stream: http.ClientRequest | undefined;

  private constructor(private readonly port: number) {}

  /** Opens a stream, of the session whose token it is or of a new one, and waits for Welcome. */
  static async open(port: number, token?: string): Promise<RawClient> {
    const client = new RawClient(port);
    const headers = {
      "content-type": "application/connect+proto",
      "connect-protocol-version": "1",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const path = "/satoshigle.v1.SignalService/Signal";
    const request = http.request({ host: "127.0.0.1", port, path, method: "POST", headers, agent: false });
    client.#stream = request;
    request.on("error", (error) => client.onFailure(error));
    request.end(Buffer.alloc(ENVELOPE_BYTES));
    const [response] = (await once(request, "response")) as [http.IncomingMessage];
    const welcomed = client.next("welcome");
    const refused = new Promise<never>((_resolve, reject) => (client.onFailure = reject));
    client.#follow(response);
    client.#token = (await Promise.race([welcomed, refused])).token;
    client.onFailure = () => undefined;
    return client;
  }

  /** The token that resumes the session. */
  get token(): string {
    return this.#token;
  }

  /** Breaks its connections without leaving. */
  close(): void {
    this.onFailure = () => undefined;
    this.#socket?.removeAllListeners("close").destroy();
    this.#stream?.destroy();
  }

  /** The request head of a call. */
  head(method: string, length: number): Buffer {
    const lines = [
      `POST /satoshigle.v1.${method} HTTP/1.1`,
      `host: 127.0.0.1:${String(this.port)}`,
      `origin: http://127.0.0.1:${String(this.port)}`,
      "content-type: application/proto",
      "connect-protocol-version: 1",
      `authorization: Bearer ${this.#token}`,
      `content-length: ${String(length)}`,
    ];
    return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  }

  /** The next event of a kind. Must be called before the event can arrive. */
  next<C extends EventCase>(kind: C): Promise<EventOf<C>> {
    return new Promise<unknown>((resolve) => {
      this.onEvent = ({ event }) => {
        if (event.case === kind) resolve(event.value);
      };
    }) as Promise<EventOf<C>>;
  }

  /** A new connection for calls, used once: the server closes idle ones, and the first call costs more. */
  async connect(): Promise<void> {
    this.#socket?.removeAllListeners("close").destroy();
    const socket = net.connect({ port: this.port, host: "127.0.0.1", noDelay: true });
    this.#socket = socket;
    socket.on("data", (chunk) => {
      this.#receive(chunk.toString("latin1"));
    });
    socket.on("error", () => undefined); // "close" follows
    socket.once("close", () => this.#answered?.reject(new Error("the connection closed during a call")));
    await this.write(Buffer.from(`GET /healthz HTTP/1.1\r\nhost: 127.0.0.1:${String(this.port)}\r\n\r\n`));
  }

  /** Reconnects if the connection for calls was idle for so long that the server may be about to close it. */
  async freshen(): Promise<void> {
    if (performance.now() - this.#usedMs > RESTED_MS) await this.connect();
  }

  async call(method: string, body: Uint8Array): Promise<void> {
    await this.write(Buffer.concat([this.head(method, body.length), body]));
  }

  /** Sends a prepared call. One at a time. */
  async write(bytes: Buffer): Promise<void> {
    this.#usedMs = performance.now();
    await new Promise<void>((resolve, reject) => {
      this.#answered = { resolve, reject };
      if (this.#socket?.writable) this.#socket.write(bytes);
      else reject(new Error("the connection closed before a call"));
    });
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

  #follow(response: http.IncomingMessage): void {
    let rest: Buffer = Buffer.alloc(0);
    response.on("data", (chunk: Buffer) => {
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      while (rest.length >= ENVELOPE_BYTES) {
        const end = ENVELOPE_BYTES + rest.readUInt32BE(1);
        if (rest.length < end) return;
        if (rest[0] === LAST_FLAG)
          this.onFailure(new Error(`the stream ended: ${rest.toString("utf8", ENVELOPE_BYTES, end)}`));
        else this.#hear(rest.subarray(ENVELOPE_BYTES, end));
        rest = rest.subarray(end);
      }
    });
    response.on("error", (error) => this.onFailure(error));
    response.once("end", () => this.onFailure(new Error("the stream ended")));
  }

  /** Parses a signal only as far as to recognize it, as the client's work is not measured. */
  #hear(message: Buffer): void {
    let at = 0;
    if (message[at++] === SEQUENCE_TAG) while ((message[at++] ?? 0) >= 0x80);
    if (message[at] === SIGNAL_TAG) this.onSignal();
    else this.onEvent(fromBinary(SignalResponseSchema, message));
  }
}
