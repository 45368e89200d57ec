import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import net from "node:net";

export interface WireAnswer {
  /** 0 if the connection ended without an answer. */
  status: number;
  text: string;
}

type Send = (
  port: number,
  path: string,
  headers: Record<string, string>,
  pieces: readonly Buffer[],
  /** Whether to destroy the connection after the chunks, or to leave the body open; both leave it incomplete. */
  end?: { breakOff?: boolean; leaveOpen?: boolean },
) => Promise<WireAnswer>;

/**
 * POSTs a body in exactly these chunks over a separate connection, without waiting for an answer in between. A body
 * shorter than its announced length is left incomplete.
 */
export const sendH1: Send = async (port, path, headers, pieces, { breakOff, leaveOpen } = {}) => {
  const request = http.request({ host: "127.0.0.1", port, path, method: "POST", headers, agent: false });
  request.on("error", () => undefined); // the answer is checked
  const answer = new Promise<WireAnswer>((resolve) => {
    request.once("close", () => resolve({ status: 0, text: "" }));
    request.once("response", (response) => {
      void readAll(response).then((text) => resolve({ status: response.statusCode ?? 0, text }));
    });
  });
  request.setNoDelay(true);
  for (const piece of pieces) request.write(piece);
  if (breakOff) {
    await once(request, "socket");
    await new Promise((resolve) => request.write(Buffer.alloc(1, " "), resolve));
    request.destroy();
  } else if (!leaveOpen && headers["content-length"] === undefined) request.end();
  return answer.finally(() => request.destroy());
};

/** The same over HTTP/2 with prior knowledge: each chunk is a DATA frame. */
export const sendH2: Send = async (port, path, headers, pieces, { breakOff, leaveOpen } = {}) => {
  const session = http2.connect(`http://127.0.0.1:${String(port)}`);
  session.on("error", () => undefined);
  const stream = session.request({ ":method": "POST", ":path": path, ...headers });
  stream.on("error", () => undefined);
  const answer = new Promise<WireAnswer>((resolve) => {
    stream.once("close", () => resolve({ status: 0, text: "" }));
    stream.once("response", (response) => {
      void readAll(stream).then((text) => resolve({ status: response[":status"] ?? 0, text }));
    });
  });
  for (const piece of pieces) stream.write(piece);
  if (breakOff) {
    await new Promise((resolve) => stream.write(Buffer.alloc(1, " "), resolve));
    session.destroy();
  } else if (!leaveOpen && headers["content-length"] === undefined) stream.end();
  return answer.finally(() => session.destroy());
};

async function readAll(readable: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of readable) chunks.push(chunk);
  } catch {
    // What arrived before the connection broke is the answer.
  }
  return Buffer.concat(chunks).toString();
}

const signalPath = "/satoshigle.v1.SignalService/Signal";
const emptyMessage = Buffer.from([0, 0, 0, 0, 2, ...Buffer.from("{}")]);

/** Opens a stream over HTTP/1.1 and stops reading after its first message. Returns a function that disconnects. */
export async function deafH1(port: number, token: string): Promise<() => void> {
  const socket = net.connect(port, "127.0.0.1");
  const head = [
    `POST ${signalPath} HTTP/1.1`,
    "host: 127.0.0.1",
    "content-type: application/connect+json",
    `authorization: Bearer ${token}`,
    `content-length: ${String(emptyMessage.length)}`,
  ];
  socket.on("error", () => undefined);
  socket.write(`${head.join("\r\n")}\r\n\r\n`);
  socket.write(emptyMessage);
  await once(socket, "data");
  socket.pause();
  return () => socket.destroy();
}

/**
 * The same over HTTP/2, where the windows of stream and connection are 64 KiB.
 * @param codes gets the code with which the stream ends
 */
export async function deafH2(port: number, token: string, codes: number[] = []): Promise<() => void> {
  const session = http2.connect(`http://127.0.0.1:${String(port)}`);
  session.on("error", () => undefined);
  const headers = { "content-type": "application/connect+json", authorization: `Bearer ${token}` };
  const stream = session.request({ ":method": "POST", ":path": signalPath, ...headers });
  stream.on("error", () => undefined).once("close", () => codes.push(stream.rstCode));
  stream.end(emptyMessage);
  await once(stream, "data");
  stream.pause();
  return () => session.destroy();
}

/** Sends whole requests over HTTP/1.1 and never reads an answer. Returns a function that disconnects. */
export async function callDeafH1(port: number, token: string, path: string, body: Buffer, count: number) {
  const socket = net.connect(port, "127.0.0.1");
  const head = [
    `POST ${path} HTTP/1.1`,
    "host: 127.0.0.1",
    "content-type: application/proto",
    `authorization: Bearer ${token}`,
    `content-length: ${String(body.length)}`,
  ];
  socket.on("error", () => undefined).pause();
  socket.setNoDelay(true);
  for (let index = 0; index < count; index++) {
    await new Promise((resolve) =>
      socket.write(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]), resolve),
    );
    await new Promise(setImmediate);
  }
  return () => socket.destroy();
}
