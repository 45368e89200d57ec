import { fromBinary, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type http2 from "node:http2";
import net from "node:net";
import { envelope } from "../../rpc/support/variants.js";
import type { Target } from "./target.js";

/** A stream of the internal listener, from the oldest item on. */
export interface WatchedStream<O extends DescMessage> {
  path: string;
  output: O;
}

/** A watcher that does not read, until it is asked for what has come. */
export interface DeafWatcher<O extends DescMessage> {
  /** Reads what is left, until the end. Returns the whole messages. */
  drain: () => Promise<MessageShape<O>[]>;
  /** Whether the server has ended it. */
  isDisconnected: () => Promise<boolean>;
  close: () => void;
}

/** No field is set: the first item is the oldest. */
const question = envelope(0, Buffer.alloc(0));

/** Over Connect and HTTP/1.1, with a connection of its own. */
export async function deafConnect<O extends DescMessage>(
  target: Target,
  { path, output }: WatchedStream<O>,
): Promise<DeafWatcher<O>> {
  const socket = net.connect(target.internalPort, "127.0.0.1").on("error", () => undefined);
  const head = [`POST ${path} HTTP/1.1`, "host: 127.0.0.1", "content-type: application/connect+proto"];
  socket.write(`${head.join("\r\n")}\r\ncontent-length: ${String(question.length)}\r\n\r\n`);
  socket.write(question);
  await once(socket, "readable");
  const drain = async () => {
    const pieces: Buffer[] = [];
    socket.on("data", (piece: Buffer) => pieces.push(piece));
    if (!socket.closed) await once(socket, "close");
    const bytes = Buffer.concat(pieces);
    return messagesIn(output, contentOf(bytes.subarray(bytes.indexOf("\r\n\r\n") + 4)));
  };
  const isDisconnected = async () => !(await isKept(socket.localPort ?? 0));
  return { drain, isDisconnected, close: () => socket.destroy() };
}

/** Over gRPC, as a stream of a connection. `codes` gets the code with which the stream ends. */
export async function deafGrpc<O extends DescMessage>(
  session: http2.ClientHttp2Session,
  { path, output }: WatchedStream<O>,
  codes: number[],
): Promise<DeafWatcher<O>> {
  const stream = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc+proto" });
  stream.on("error", () => undefined).once("close", () => codes.push(stream.rstCode));
  stream.end(question);
  await once(stream, "readable");
  const drain = async () => {
    const pieces: Buffer[] = [];
    stream.on("data", (piece: Buffer) => pieces.push(piece));
    if (!stream.closed) await once(stream, "close");
    return messagesIn(output, Buffer.concat(pieces));
  };
  const isDisconnected = () => Promise.resolve(stream.closed);
  return { drain, isDisconnected, close: () => stream.destroy() };
}

/**
 * Whether the other side keeps a connection open. Its end does not arrive while what precedes it is not read, so the state
 * of its socket is read from the system (`proc_net_tcp`: 01 is established).
 */
async function isKept(localPort: number): Promise<boolean> {
  const peer = `0100007F:${localPort.toString(16).toUpperCase().padStart(4, "0")}`;
  const lines = (await readFile("/proc/self/net/tcp", "utf8")).split("\n");
  return lines.some((line) => line.includes(` ${peer} 01 `));
}

/** The content of the chunks of a body that breaks off. */
function contentOf(chunked: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; ;) {
    const start = chunked.indexOf("\r\n", at) + 2;
    const size = Number.parseInt(chunked.toString("latin1", at, start), 16);
    if (start < 2 || !(size > 0)) return Buffer.concat(pieces);
    pieces.push(chunked.subarray(start, start + size));
    at = start + size + 2;
  }
}

/** The messages in the envelopes of an answer that breaks off. */
function messagesIn<O extends DescMessage>(output: O, bytes: Buffer): MessageShape<O>[] {
  const messages: MessageShape<O>[] = [];
  for (let at = 0; at + 5 <= bytes.length;) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    if (end > bytes.length || bytes[at] !== 0) break;
    messages.push(fromBinary(output, bytes.subarray(at + 5, end)));
    at = end;
  }
  return messages;
}
