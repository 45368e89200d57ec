import { once } from "node:events";
import { rm } from "node:fs/promises";
import net from "node:net";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificate, makeCertificate } from "../support/certificate.js";
import { report, Target } from "./support/target.js";

/**
 * Far above the time within which an unfinished handshake is closed, two heartbeats at most, as a busy machine is late,
 * and far below that of Node.js, two minutes.
 */
const PATIENCE_MS = 30_000;

let certificate: Certificate;
let target: Target;
beforeAll(async () => {
  certificate = await makeCertificate();
  const { certFile, keyFile } = certificate;
  target = await Target.start({
    HEARTBEAT_INTERVAL_MS: "5000",
    TLS_CERT_FILE: certFile,
    TLS_KEY_FILE: keyFile,
    INTERNAL_TLS_CERT_FILE: certFile,
    INTERNAL_TLS_KEY_FILE: keyFile,
    INTERNAL_TLS_CA_FILE: certFile,
  });
});
afterAll(async () => {
  await target.close();
  await rm(certificate.folder, { recursive: true });
});

/** A ClientHello as sent by OpenSSL. */
async function clientHello(): Promise<Buffer> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  const client = tls.connect({ host: "127.0.0.1", port }).on("error", () => undefined);
  const [socket] = (await once(server, "connection")) as [net.Socket];
  const [said] = (await once(socket, "data")) as [Buffer];
  client.destroy();
  server.close();
  return said;
}

/** How long the server takes to close a connection on which these bytes are sent one by one, in milliseconds. */
async function closedAfter(port: number, said: Buffer, drip: Buffer): Promise<number> {
  const startMs = performance.now();
  const socket = net.connect(port, "127.0.0.1").resume();
  socket.on("error", () => undefined).write(said);
  let at = 0;
  const timer = setInterval(() => at < drip.length && socket.write(drip.subarray(at, ++at)), 250);
  await once(socket, "close");
  clearInterval(timer);
  return performance.now() - startMs;
}

describe.concurrent("an unfinished TLS handshake is closed soon, on both listeners", () => {
  /** How much of its hello a client sends at once, and where it stops after sending more byte by byte. */
  type Split = (length: number) => [head: number, end: number];
  const clients: [string, Split][] = [
    ["of a silent client", () => [0, 0]],
    ["of a client that sends half of its hello, and the rest byte by byte", (length) => [length >> 1, length]],
    ["of a client that does not continue after the answer", (length) => [length, length]],
  ];

  it.each(clients)("%s", async (what, split) => {
    const hello = await clientHello();
    const [head, end] = split(hello.length);
    const [publicMs = NaN, internalMs = NaN] = await Promise.all(
      [target.port, target.internalPort].map((port) =>
        closedAfter(port, hello.subarray(0, head), hello.subarray(head, end)),
      ),
    );
    report(`a handshake that is not finished ${what}`, {
      "cut after ms": publicMs,
      "on the internal listener": internalMs,
    });
    expect(publicMs).toBeLessThan(PATIENCE_MS);
    expect(internalMs).toBeLessThan(PATIENCE_MS);
  });

  it("while other clients are served", async () => {
    const idle = net.connect(target.port, "127.0.0.1");
    const other = tls.connect({ host: "127.0.0.1", port: target.port, ca: certificate.ca });
    other.write("GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
    const [answer] = (await once(other, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    idle.destroy();
  });
});

it("no handshake caused an error", async () => {
  expect((await target.figures()).troubles).toEqual([]);
});
