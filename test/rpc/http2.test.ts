import { once } from "node:events";
import http2 from "node:http2";
import net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACK, callTo, END_HEADERS, END_STREAM, fields, frame, framesIn, hello } from "../support/frames.js";
import { DATA, HEADERS, PING, RST_STREAM, SETTINGS } from "../support/frames.js";
import { pair, roomy } from "../support/pair.js";
import { transportTo } from "../support/test-client.js";
import { soon } from "../support/soon.js";
import { startServer, type TestServer } from "../support/server.js";

const leave = "/satoshigle.v1.MatchService/Leave";
const { NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_REFUSED_STREAM } = http2.constants;

let server: TestServer;
let proxied: TestServer;
beforeAll(async () => {
  server = await startServer(roomy);
  proxied = await startServer({ ...roomy, TRUST_PROXY: "127.0.0.1" });
});
afterAll(() => Promise.all([server.close(), proxied.close()]));

/** A raw HTTP/2 connection, and the bytes received on it. */
class Wire {
  readonly #socket: net.Socket;
  #bytes = Buffer.alloc(0);

  private constructor(port: number) {
    this.#socket = net.connect(port, "127.0.0.1").on("error", () => undefined);
    this.#socket.on("data", (chunk: Buffer) => (this.#bytes = Buffer.concat([this.#bytes, chunk])));
  }

  /** Sends the preface, and acknowledges the server's settings if asked to. */
  static async open(port: number, agrees: boolean): Promise<Wire> {
    const wire = new Wire(port);
    wire.say(hello);
    await soon(() => expect(wire.heard.some(({ type }) => type === SETTINGS)).toBe(true));
    if (agrees) wire.say(frame(SETTINGS, ACK, 0));
    return wire;
  }

  get heard() {
    return framesIn(this.#bytes);
  }

  /** The streams that the server reset for a reason. */
  resets(code: number): number[] {
    const all = this.heard.filter(({ type, payload }) => type === RST_STREAM && payload.readUInt32BE() === code);
    return all.map(({ stream }) => stream);
  }

  say(...frames: Buffer[]): void {
    this.#socket.write(Buffer.concat(frames));
  }

  /** Sends frames one after another, each when the server has reacted to the one before. */
  async talk(frames: readonly Buffer[]): Promise<void> {
    const closed = once(this.#socket, "close");
    for (const one of frames) {
      if (this.#socket.closed) return;
      const heard = once(this.#socket, "data");
      this.say(one);
      await Promise.race([heard, closed]);
    }
  }

  /** Sends GOAWAY, and keeps reading. */
  end(): void {
    this.#socket.end();
  }

  /** Whether the server keeps the connection open after all that was sent; otherwise it has closed it. */
  async isServed(): Promise<boolean> {
    const closed = once(this.#socket, "close").then(() => false);
    this.say(frame(PING, 0, 0, Buffer.from("are you?")));
    const answered = async () => {
      while (!this.heard.some(({ type, flags }) => type === PING && flags === ACK)) await once(this.#socket, "data");
      return true;
    };
    const isServed = this.#socket.closed ? false : await Promise.race([closed, answered()]);
    this.#socket.destroy();
    return isServed;
  }
}

const call = (index: number, block = callTo(leave), flags = END_HEADERS | END_STREAM) =>
  frame(HEADERS, flags, 2 * index + 1, block);
const times = (count: number, make: (index: number) => Buffer) => Array.from({ length: count }, (_, at) => make(at));
const portOf = (listener: string) => (listener === "public" ? server.port : server.internalPort);
const listeners = [["public"], ["internal"]] as const;

describe("concurrent streams of a connection", () => {
  /** The announced limit, and how many endless calls the server accepts from a client that ignores it. */
  async function taken(port: number, opened: number): Promise<[allowed: number, refused: number]> {
    const session = http2.connect(`http://127.0.0.1:${String(port)}`);
    const [settings] = (await once(session, "remoteSettings")) as [http2.Settings];
    session.destroy();
    const wire = await Wire.open(port, false);
    wire.say(...times(opened, (index) => call(index, callTo(leave), END_HEADERS)));
    expect(await wire.isServed()).toBe(true);
    return [settings.maxConcurrentStreams ?? 0, wire.resets(NGHTTP2_REFUSED_STREAM).length];
  }

  it("are limited to 32; others are refused", async () => {
    expect(await taken(server.port, 40)).toEqual([32, 8]);
    expect(await taken(server.internalPort, 40)).toEqual([32, 8]);
  });

  it("are limited to 1,000 for a trusted proxy, whose connection carries many clients", async () => {
    expect(await taken(proxied.port, 1_000)).toEqual([1_000, 0]);
    expect(await taken(proxied.port, 1_008)).toEqual([1_000, 8]);
  });

  it("are limited to 32 on the internal listener, also for proxies that the public one trusts", async () => {
    expect(await taken(proxied.internalPort, 40)).toEqual([32, 8]);
  });
});

describe.each(listeners)("on the %s listener", (listener) => {
  it("a request may have 256 headers; with more it is refused, and the connection stays open", async () => {
    const own = 5;
    const many = (count: number) => times(count - own, (at) => fields([[`x-${String(at)}`, "1"]]));
    const wire = await Wire.open(portOf(listener), true);
    wire.say(
      call(0, Buffer.concat([callTo(leave), ...many(256)])),
      call(1, Buffer.concat([callTo(leave), ...many(257)])),
    );
    wire.say(call(2));
    await soon(() => {
      const answered = wire.heard.filter(({ type }) => type === HEADERS).map(({ stream }) => stream);
      expect(answered.sort()).toEqual([1, 5]);
    });
    expect(wire.resets(NGHTTP2_ENHANCE_YOUR_CALM)).toEqual([3]);
    expect(await wire.isServed()).toBe(true);
  });

  it.each([
    [50, true],
    [60, false],
  ])("after %i frames that are not valid a connection goes on: %s", async (count, isServed) => {
    const wire = await Wire.open(portOf(listener), true);
    await wire.talk(times(count, (index) => call(index, callTo(leave, [["Not-Lower-Case", "1"]]))));
    expect(await wire.isServed()).toBe(isServed);
  });
});

it.each([
  [60, true],
  [140, false],
])("after %i streams that were reset with their headers a connection goes on: %s", async (count, isServed) => {
  const wire = await Wire.open(server.internalPort, true);
  const reset = (index: number) => frame(RST_STREAM, 0, 2 * index + 1, Buffer.alloc(4)); // without an error
  wire.say(...times(count, (index) => Buffer.concat([call(index, callTo(leave), END_HEADERS), reset(index)])));
  expect(await wire.isServed()).toBe(isServed);
});

it.each([
  [32, true],
  [33, false],
])("with %i streams at once a connection goes on: %s", async (count, isServed) => {
  const wire = await Wire.open(server.internalPort, true);
  wire.say(...times(count, (index) => call(index, callTo(leave), END_HEADERS)));
  if (isServed) await soon(() => expect(wire.heard.filter(({ type }) => type === HEADERS)).toHaveLength(count));
  expect(await wire.isServed()).toBe(isServed);
});

it("a client that ended its side of the stream counts as gone, even if it keeps reading", async () => {
  const { offerer, answerer } = await pair(transportTo(server.url));
  const wire = await Wire.open(server.port, true);
  const headers = fields([
    [":method", "POST"],
    [":scheme", "http"],
    [":path", "/satoshigle.v1.SignalService/Signal"],
    [":authority", "localhost"],
    ["content-type", "application/connect+proto"],
    ["authorization", `Bearer ${answerer.welcome.token}`],
  ]);
  wire.say(frame(HEADERS, END_HEADERS, 1, headers), frame(DATA, END_STREAM, 1, Buffer.alloc(5)));
  await answerer.until("sessionClosed"); // the raw stream took over
  wire.end();
  await offerer.until("partnerAway");
});

it("a connection that is closed for abuse affects no other", async () => {
  const [good, bad] = [await Wire.open(server.port, true), await Wire.open(server.port, true)];
  await bad.talk(times(60, (index) => call(index, callTo(leave, [["Not-Lower-Case", "1"]]))));
  expect(await bad.isServed()).toBe(false);
  good.say(call(0));
  await soon(() => expect(good.heard.some(({ type }) => type === HEADERS)).toBe(true));
  expect(await good.isServed()).toBe(true);
});
