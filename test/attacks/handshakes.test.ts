import { once } from "node:events";
import { rm } from "node:fs/promises";
import net from "node:net";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Certificate, makeCertificate } from "../support/certificate.js";
import { expected } from "./support/kind.js";
import { report, Target } from "./support/target.js";

/** Within this time the public listener is rid of a client that never gets there; HAProxy, which ends TLS, takes two heartbeats. */
const publicLimitMs = expected({ memory: 8_000, redis: 8_000, haproxy: 13_000 });

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

/** What a client says first, as OpenSSL would. */
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

/** How long it takes until the server closes a connection on which these bytes were said one by one, in milliseconds. */
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

describe.concurrent("a TLS handshake that is not finished is cut soon, on both listeners", () => {
  /** Which part of its hello a client says at once, and where it stops going on byte by byte. */
  type Split = (length: number) => [head: number, end: number];
  const clients: [string, Split][] = [
    ["by a client that says nothing", () => [0, 0]],
    ["by a client that says half of its hello, and the rest byte by byte", (length) => [length >> 1, length]],
    ["by a client that never takes up what it was answered", (length) => [length, length]],
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
    expect(publicMs).toBeLessThan(publicLimitMs);
    expect(internalMs).toBeLessThan(8_000);
  });

  it("while others are served", async () => {
    const idle = net.connect(target.port, "127.0.0.1");
    const other = tls.connect({ host: "127.0.0.1", port: target.port, ca: certificate.ca });
    other.write("GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n");
    const [answer] = (await once(other, "data")) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 /);
    idle.destroy();
  });
});

it("no handshake left an error behind", async () => {
  expect((await target.figures()).troubles).toEqual([]);
});
