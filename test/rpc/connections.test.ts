import { once } from "node:events";
import type http from "node:http";
import net from "node:net";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createServer } from "../../src/http/server.js";
import { soon } from "../support/soon.js";

const PER_HOST = 2;

let front: http.Server;
let acceptor: net.Server;
let clients: net.Socket[];
beforeEach(async () => {
  const settings = { tls: undefined, maxConnectionsPerHost: PER_HOST, isTrustedProxy: () => false };
  front = createServer((_request, response) => response.end(), settings);
  acceptor = net.createServer({ pauseOnConnect: true });
  clients = [];
  await once(acceptor.listen(0, "127.0.0.1"), "listening");
});
afterEach(() => {
  clients.forEach((client) => client.destroy());
  acceptor.close();
});

/** Simulates a connection from an address, as loopback has only one of IPv6. Returns whether it was dropped. */
async function comeFrom(address: string): Promise<boolean> {
  const accepted = once(acceptor, "connection");
  clients.push(net.connect((acceptor.address() as net.AddressInfo).port, "127.0.0.1").on("error", () => undefined));
  const [socket] = (await accepted) as [net.Socket];
  Object.defineProperty(socket, "remoteAddress", { value: address });
  front.emit("connection", socket);
  return socket.destroyed;
}

async function comeTimes(count: number, address: string): Promise<void> {
  for (let index = 0; index < count; index++) expect(await comeFrom(address)).toBe(false);
}

it("counts the connections of a /64 as those of one host, and accepts another when one closes", async () => {
  await comeTimes(1, "2001:db8:0:100::1");
  await comeTimes(1, "2001:db8:0:100:ffff::2");
  expect(await comeFrom("2001:db8:0:100::3")).toBe(true);
  clients[0]?.destroy();
  await soon(async () => expect(await comeFrom("2001:db8:0:100::4")).toBe(false));
});

it("counts the connections of a /56 and of a /48 together, with a limit for each", async () => {
  for (let net64 = 0; net64 < 4; net64++) await comeTimes(PER_HOST, `2001:db8:0:1${String(net64)}::1`);
  expect(await comeFrom("2001:db8:0:14::1"), "another /64 of the /56").toBe(true);
  for (let net56 = 2; net56 < 5; net56++) {
    for (let net64 = 0; net64 < 4; net64++) {
      await comeTimes(PER_HOST, `2001:db8:0:${String(net56)}0${String(net64)}::1`);
    }
  }
  expect(await comeFrom("2001:db8:0:500::1"), "another /56 of the /48").toBe(true);
  expect(await comeFrom("2001:db8:1:100::1"), "another /48").toBe(false);
});

it("counts an IPv4 address individually, in either notation", async () => {
  await comeTimes(PER_HOST, "192.0.2.1");
  expect(await comeFrom("::ffff:192.0.2.1")).toBe(true);
  expect(await comeFrom("192.0.2.2")).toBe(false);
});
