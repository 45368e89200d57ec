import { once } from "node:events";
import http2 from "node:http2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorIn, request } from "../support/http.js";
import { expectUnharmed, pair, type Pair, roomy } from "../support/pair.js";
import { transportTo } from "../support/test-client.js";
import { readRefusal } from "../support/refusal.js";
import { startServer, type TestServer } from "../support/server.js";
import { sendH1, sendH2 } from "../support/wire.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer(roomy);
});
afterAll(() => server.close());

const leave = "/satoshigle.v1.MatchService/Leave";
const signal = "/satoshigle.v1.SignalService/Signal";

/** A raw request that would end the match if it were accepted. */
function post({ offerer }: Pair, headers: Record<string, string>, body: BodyInit) {
  const authorization = `Bearer ${offerer.welcome.token}`;
  return request(server.url + leave, { method: "POST", headers: { authorization, ...headers }, body });
}

const json = { "content-type": "application/json" };
const binary = { "content-type": "application/proto" };
const stream = { "content-type": "application/connect+proto" };

/** A message in an envelope whose header announces `length` bytes. */
function envelope(length: number, ...bytes: number[]): Buffer<ArrayBuffer> {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, Buffer.from(bytes)]);
}

describe("a unary body is refused and changes nothing", () => {
  it.each([
    ["JSON where binary was announced", 400, "InvalidArgument", binary, '{"matchId":"x"}'],
    ["binary where JSON was announced", 400, "InvalidArgument", json, Buffer.from([0x0a, 0x01, 0x78])],
    ["broken JSON", 400, "InvalidArgument", json, '{"matchId":'],
    ["JSON that is not UTF-8", 400, "InvalidArgument", json, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["JSON with too many values", 400, "InvalidArgument", json, `{"x":[${"0,".repeat(2_000)}0]}`],
    ["JSON nested too deeply", 400, "InvalidArgument", json, `${"[".repeat(17)}${"]".repeat(17)}`],
    ["a group", 400, "InvalidArgument", binary, Buffer.from([0x4b, 0x4c])],
    ["too many unknown fields", 400, "InvalidArgument", binary, Buffer.alloc(3 * 33, Buffer.from([0x98, 0x06, 0]))],
    ["JSON of the wrong shape", 400, "InvalidArgument", json, '["x"]'],
    ["more than the limit", 429, "ResourceExhausted", json, `{"x":"${"x".repeat(40_000)}"}`],
    ["a compressed body", 501, "Unimplemented", { ...json, "content-encoding": "gzip" }, "{}"],
    ["a Brotli body", 501, "Unimplemented", { ...json, "content-encoding": "br" }, "{}"],
  ])("%s (%i %s)", async (_what, status, code, headers, body) => {
    const two = await pair(transportTo(server.url));
    const answer = await post(two, headers, body);
    expect(answer.status).toBe(status);
    expect(readRefusal(answer.error)).toMatchObject({ code });
    await expectUnharmed(two);
  });

  it.each([
    ["a content type that no protocol uses", { "content-type": "text/plain" }],
    ["a stream's content type", stream],
  ])("%s (415)", async (_what, headers) => {
    const two = await pair(transportTo(server.url));
    expect((await post(two, headers, "{}")).status).toBe(415);
    await expectUnharmed(two);
  });

  it("if its announced length exceeds the limit, over HTTP/1.1 and HTTP/2, before it arrives", async () => {
    const two = await pair(transportTo(server.url));
    const headers = { ...json, authorization: `Bearer ${two.offerer.welcome.token}`, "content-length": "100000" };
    const part = Buffer.alloc(33 * 1024, " ");
    for (const send of [sendH1, sendH2]) {
      const answer = await send(server.port, leave, headers, [part]);
      expect(answer.status).toBe(429);
      expect(readRefusal(errorIn(answer.text))).toMatchObject({ code: "ResourceExhausted" });
    }
    await expectUnharmed(two);
  });

  it("of 64 KiB in one-byte chunks, over HTTP/1.1 and HTTP/2, early", async () => {
    const two = await pair(transportTo(server.url));
    const headers = { ...json, authorization: `Bearer ${two.offerer.welcome.token}` };
    const crumbs = Array.from({ length: 64 * 1024 }, () => Buffer.from(" "));
    for (const send of [sendH1, sendH2]) {
      const answer = await send(server.port, leave, headers, crumbs);
      expect(answer.status).toBe(429);
      expect(readRefusal(errorIn(answer.text))).toMatchObject({ code: "ResourceExhausted" });
    }
    await expectUnharmed(two);
  });

  it("within the limit but in more than 256 chunks", async () => {
    const two = await pair(transportTo(server.url));
    const headers = { ...json, authorization: `Bearer ${two.offerer.welcome.token}` };
    const crumbs = ["{", ...Array<string>(300).fill(" "), "}"].map((one) => Buffer.from(one));
    const answer = await sendH1(server.port, leave, headers, crumbs);
    expect(readRefusal(errorIn(answer.text))).toMatchObject({
      code: "ResourceExhausted",
      message: "the request body arrived in too many chunks",
    });
    await expectUnharmed(two);
  });

  it("that is cut off", async () => {
    const two = await pair(transportTo(server.url));
    const headers = { ...json, authorization: `Bearer ${two.offerer.welcome.token}`, "content-length": "100" };
    for (const send of [sendH1, sendH2]) {
      const answer = await send(server.port, leave, headers, [Buffer.from("{}")], { breakOff: true });
      expect(answer.status).toBe(0);
    }
    await expectUnharmed(two);
  });
});

describe("the request of a stream is refused", () => {
  it.each([
    ["a truncated envelope", "InvalidArgument", envelope(100, 1, 2, 3)],
    ["a truncated envelope whose message would parse", "InvalidArgument", envelope(2)],
    ["half an envelope's header", "InvalidArgument", Buffer.from([0, 0])],
    ["an envelope announced larger than the limit", "ResourceExhausted", envelope(100_000, 1)],
    ["a compressed envelope", "InvalidArgument", Buffer.from([1, 0, 0, 0, 0])],
    ["no envelope at all", "Unimplemented", Buffer.alloc(0)],
    ["two envelopes", "Unimplemented", Buffer.concat([envelope(0), envelope(0)])],
    ["a message that does not parse", "InvalidArgument", envelope(2, 0xff, 0xff)],
  ])("%s (%s)", async (_what, code, body) => {
    const answer = await request(server.url + signal, { method: "POST", headers: stream, body });
    expect(answer.text).not.toContain("welcome");
    expect(readRefusal(answer.error)).toMatchObject({ code });
  });
});

describe("a request for an unknown path or method", () => {
  it.each([
    ["an unknown method", 404, "POST", "/satoshigle.v1.MatchService/Nope"],
    ["an unknown service", 404, "POST", "/satoshigle.v1.Nope/Match"],
    ["the internal API", 404, "POST", "/satoshigle.internal.v1.ModerationService/Ban"],
    ["metrics", 404, "GET", "/metrics"],
    ["GET of a call", 405, "GET", leave],
    ["GET of the stream", 405, "GET", signal],
    ["PUT of a call", 405, "PUT", leave],
  ])("%s answers %i", async (_what, status, method, path) => {
    const body = method === "GET" ? {} : { body: "{}" };
    const answer = await request(server.url + path, { method, headers: json, ...body });
    expect(answer.status).toBe(status);
  });

  it.each([
    ["a long path", 404, `/${"x".repeat(7_000)}`],
    ["a long path that is not a URL", 400, `/%${"x".repeat(7_000)}`],
  ])("%s answers %i and repeats nothing of it, on either listener", async (_what, status, path) => {
    for (const url of [server.url, server.internalUrl]) {
      const answer = await request(url + path);
      expect(answer.status).toBe(status);
      expect(answer.text.length).toBeLessThan(200);
      expect(answer.text).not.toContain("xxx");
    }
  });

  it.each([
    ["a call", () => server.url, "/satoshigle.v1.MatchService/%4ceave"],
    ["an internal call", () => server.internalUrl, "/satoshigle.internal.v1.MonitoringService/%47etStats"],
  ])("%s whose path has letters written as %%xx answers 404", async (_what, url, path) => {
    expect((await request(url() + path, { method: "POST", headers: json, body: "{}" })).status).toBe(404);
  });

  it("headers of more than 32 KiB answer 431", async () => {
    const answer = await request(server.url + leave, { headers: { "x-much": "x".repeat(33_000) } });
    expect(answer.status).toBe(431);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(answer.text).toContain("Delete the cookies of this site in your browser, then load the page again.");
  });

  it.each(["", "/healthz"])(
    "30 KiB of cookies are accepted, of which HTTP/2 sends each by itself: GET %s",
    async (path) => {
      const cookies = Array.from({ length: 200 }, (_, index) => `c${String(index)}=${"x".repeat(140)}`);
      const answer = await request(server.url + path, { headers: { cookie: cookies.join("; ") } });
      expect([200, 503]).toContain(answer.status); // the page need not be built
      const session = http2.connect(server.url);
      const stream = session.request({ ":path": `/${path.slice(1)}`, cookie: cookies as unknown as string });
      const [head] = (await once(stream.resume(), "response")) as [http2.IncomingHttpHeaders];
      expect([200, 503]).toContain(head[":status"]);
      session.destroy();
    },
  );
});
