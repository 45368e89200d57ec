import type { Server } from "node:http";
import type { Duplex } from "node:stream";

/** The version of Bun; undefined on Node.js. */
const bunVersion: string | undefined = process.versions.bun;

/**
 * Whether HTTP/2 can be served. Bun reads HTTP/1.1 from a connection before its socket is known to this program, so a
 * port cannot serve both, and its HTTP/2 lacks the limits that this server needs.
 */
export const HAS_HTTP2 = bunVersion === undefined;

/** Describes what does not work on this runtime: nothing on Node.js. */
export function runtimeLimits(): string[] {
  if (bunVersion === undefined) return [];
  return [
    `Bun ${bunVersion} serves HTTP/1.1 only: gRPC and HTTP/2 are refused on both listeners, and a browser can open the ` +
      "page in six tabs at most; use Connect or gRPC-Web, put a proxy with TLS in front (TRUST_PROXY), or run on Node.js",
  ];
}

const [SETTINGS, GOAWAY, HTTP_1_1_REQUIRED] = [0x4, 0x7, 0xd];
const HEADER_BYTES = 9;
const TEXT = "this server runs on Bun, which serves HTTP/1.1 only";

/** An HTTP/2 connection that closes at once and asks its client for HTTP/1.1 (RFC 9113, 7). */
const refusal = Buffer.concat([frame(SETTINGS, Buffer.alloc(0)), frame(GOAWAY, goAway())]);

function frame(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUIntBE(payload.length, 0, 3);
  header.writeUInt8(type, 3);
  return Buffer.concat([header, payload]);
}

function goAway(): Buffer {
  const codes = Buffer.alloc(8);
  codes.writeUInt32BE(HTTP_1_1_REQUIRED, 4);
  return Buffer.concat([codes, Buffer.from(TEXT)]);
}

/** Answers HTTP/2 with a refusal in words. All other malformed requests are closed, as by default. */
export function refuseHttp2(server: Server): void {
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "HPE_PAUSED_H2_UPGRADE") socket.end(refusal);
    else socket.destroy();
  });
}
