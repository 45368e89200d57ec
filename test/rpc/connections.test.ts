import { once } from "node:events";
import type http from "node:http";
import http2 from "node:http2";
import net from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createServer } from "../../src/http/server.js";
import { soon } from "../support/soon.js";

const PER_HOST = 2;

let front: http.Server;
let acceptor: net.Server;
let clients: net.Socket[];
beforeEach(async () => {
  const settings = {
    tls: undefined,
    maxConnectionsPerHost: PER_HOST,
    isTrustedProxy: () => false,
    keepAliveMs: 60_000,
  };
  front = createServer((_request, response) => response.end(), settings);
  acceptor = net.createServer({ pauseOnConnect: true });
  clients = [];
  await once(acceptor.listen(0, "127.0.0.1"), "listening");
});
afterEach(() => {
  clients.forEach((client) => client.destroy());
  acceptor.close();
});

function newest(): net.Socket {
  const client = clients.at(-1);
  if (client === undefined) throw new Error("no client connected");
  return client;
}

/** Simulates a connection from an address, as loopback has only one of IPv6. Returns whether it was dropped. */
async function comeFrom(address: string): Promise<boolean> {
  const accepted = once(acceptor, "connection");
  clients.push(net.connect((acceptor.address() as net.AddressInfo).port, "127.0.0.1").on("error", () => undefined));
  const [socket] = (await accepted) as [net.Socket];
  Object.defineProperty(socket, "remoteAddress", { value: address });
  front.emit("connection", socket);
  socket.resume();
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

describe("at the limit, a new connection takes the place of an idle one of its host", () => {
  const get = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";

  /** A connection from an address on which this was said and the first answer came. */
  async function say(address: string, text: string): Promise<net.Socket> {
    expect(await comeFrom(address)).toBe(false);
    const client = newest();
    client.write(text);
    await once(client, "data");
    return client;
  }

  it("the oldest over HTTP/1.1, and never one with an open request or without any", async () => {
    const [first, second] = [await say("192.0.2.1", get), await say("192.0.2.1", get)];
    const closed = once(first.resume(), "close");
    expect(await comeFrom("192.0.2.1")).toBe(false);
    await closed;
    expect(await comeFrom("192.0.2.1")).toBe(false);
    await once(second.resume(), "close");
    expect(await comeFrom("192.0.2.1"), "nothing was asked on those there are").toBe(true);
    expect(await comeFrom("192.0.2.2"), "another host").toBe(false);
  });

  it("while a request is open, it is not idle", async () => {
    front.removeAllListeners("request").on("request", (_request, response) => response.write("…"));
    for (let index = 0; index < PER_HOST; index++) await say("192.0.2.1", get);
    expect(await comeFrom("192.0.2.1")).toBe(true);
  });

  it("over HTTP/2, after its last stream", async () => {
    const sessions: http2.ClientHttp2Session[] = [];
    for (let index = 0; index < PER_HOST; index++) {
      expect(await comeFrom("192.0.2.1")).toBe(false);
      const client = newest();
      const session = http2.connect("http://x", { createConnection: () => client });
      await once(session.request({ ":path": "/" }).resume(), "close");
      sessions.push(session);
    }
    await new Promise(setImmediate);
    const isClosed = () => sessions.filter(({ closed }) => closed).length;
    expect(await comeFrom("192.0.2.1")).toBe(false);
    await soon(() => expect(isClosed()).toBe(1));
    sessions.forEach((session) => session.destroy());
  });

  it("does not take that of another host in the same wider network", async () => {
    for (let net64 = 0; net64 < 4; net64++) {
      for (let index = 0; index < PER_HOST; index++) await say(`2001:db8:0:1${String(net64)}::1`, get);
    }
    expect(await comeFrom("2001:db8:0:14::1"), "another /64 of the full /56").toBe(true);
    expect(await comeFrom("2001:db8:0:13::1"), "one that has an idle connection itself").toBe(false);
  });
});
