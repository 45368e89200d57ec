import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readAnswer } from "../../src/adapters/turn/answer.js";
import { TurnProvider } from "../../src/adapters/turn/provider.js";
import type { RequestTemplate } from "../../src/adapters/turn/request.js";
import type { SessionId } from "../../src/core/ids.js";
import { answers, ProviderServer } from "../support/turn-provider.js";
import { SteppedClock } from "./support/stepped-clock.js";

const LIFETIME_MS = 600_000;
const SECRET = "s3cret/of+the provider";
const ANN = "ann" as SessionId;

describe("the answer of a provider", () => {
  const read = (answer: unknown, servers = "$.iceServers") => readAnswer(JSON.stringify(answer), { servers });

  it("is read in the form of Cloudflare, without the port that browsers block", () => {
    expect(read(answers.cloudflare)).toEqual([
      { urls: ["stun:stun.cloudflare.com:3478"] },
      {
        urls: ["turn:turn.cloudflare.com:3478?transport=udp", "turns:turn.cloudflare.com:443?transport=tcp"],
        username: "cloud-user",
        credential: "cloud-password",
      },
    ]);
  });

  it("is read in the form of Twilio, whose servers have one URL each", () => {
    expect(read(answers.twilio, "$.ice_servers")).toEqual([
      { urls: ["stun:global.stun.twilio.com:3478"] },
      {
        urls: ["turn:global.turn.twilio.com:3478?transport=udp"],
        username: "twilio-user",
        credential: "twilio-password",
      },
    ]);
  });

  it("is read in the form of Metered, for servers of the configuration", () => {
    const paths = { username: "$.username", password: "$.password", turnUrls: ["turn:relay.example.com:443"] };
    expect(readAnswer(JSON.stringify(answers.metered), paths)).toEqual([
      { urls: ["turn:relay.example.com:443"], username: "metered-user", credential: "metered-password" },
    ]);
  });

  it("may be a list, or a single server deep inside", () => {
    const server = { urls: "turn:a.example", username: "u", credential: "c" };
    const expected = [{ urls: ["turn:a.example"], username: "u", credential: "c" }];
    expect(read([server], "$")).toEqual(expected);
    expect(read({ v: [{ "ice-servers": server }] }, "$.v[0].ice-servers")).toEqual(expected);
  });

  it("loses URLs that browsers refuse, TURN servers without credentials, and all beyond sixteen URLs", () => {
    const urls = ["turn://a.example", "turn:a.example:99999", "stun:b.example", "turn:c.example"];
    const many = Array.from({ length: 30 }, (_, index) => `turn:d${String(index)}.example`);
    const servers = read({
      iceServers: [
        { urls: ["turn:open.example"] },
        { urls, username: "u", credential: "c" },
        { urls: many, username: "u", credential: "c" },
        null,
        "turn:e.example",
      ],
    });
    expect(servers.map((one) => one.urls.length)).toEqual([1, 15]);
    expect(servers[0]?.urls).toEqual(["turn:c.example"]);
  });

  it.each([
    ["<html>", "the answer is not JSON"],
    ["{}", "the answer has no TURN server with credentials at $.iceServers"],
    ['{"iceServers":null}', "the answer has no TURN server with credentials at $.iceServers"],
    ['{"iceServers":[{"urls":[1],"username":{},"credential":"x"}]}', "the answer has no TURN server"],
    ['{"__proto__":{"iceServers":[]}}', "the answer has no TURN server"],
  ])("is refused when it is %s", (text, message) => {
    expect(() => readAnswer(text, { servers: "$.iceServers" })).toThrow(message);
  });

  it("is refused without user name or password", () => {
    const paths = { username: "$.username", password: "$.password", turnUrls: ["turn:a.example"] };
    expect(() => readAnswer("[]", paths)).toThrow("the answer has no text at $.username");
    expect(() => readAnswer('{"username":"u","password":""}', paths)).toThrow("the answer has no text at $.password");
  });
});

describe("a provider", () => {
  let server: ProviderServer;
  let clock: SteppedClock;
  let log: string[];
  let provider: TurnProvider | undefined;
  beforeEach(async () => {
    server = await ProviderServer.start();
    server.answer = JSON.stringify(answers.cloudflare);
    clock = new SteppedClock();
    log = [];
  });
  afterEach(async () => {
    provider?.stop();
    await server.close();
  });

  async function start(more: Partial<RequestTemplate> = {}): Promise<TurnProvider> {
    const request = { url: server.url, method: "POST", headers: [], body: "", ...more };
    provider = await TurnProvider.start({
      settings: { request, secret: SECRET, paths: { servers: "$.iceServers" }, lifetimeMs: LIFETIME_MS },
      clock,
      onFailed: (cause) => log.push(cause),
      onEmpty: () => log.push("empty"),
      onRecovered: () => log.push("recovered"),
    });
    return provider;
  }

  const users = (from: TurnProvider) =>
    from.issue(ANN, clock.nowMs()).flatMap(({ username }) => (username === undefined ? [] : [username]));

  /** Advances to the next request, and waits until it was answered or refused. */
  async function renew(): Promise<void> {
    clock.advance(clock.nextMs);
    await expect.poll(() => clock.pending, { timeout: 10_000 }).toBe(1);
  }

  it("is sent the templates with their values, each escaped for its place", async () => {
    const headers = [
      ["authorization", "Basic {secret:base64}"],
      ["x-key", "{secret}"],
    ] as const;
    await start({ url: `${server.url}/keys?key={secret}&ttl={lifetime}`, headers, body: '{"ttl": {lifetime}}' });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      method: "POST",
      url: `/keys?key=${encodeURIComponent(SECRET)}&ttl=600`,
      body: '{"ttl": 600}',
      headers: {
        authorization: `Basic ${Buffer.from(SECRET).toString("base64")}`,
        "x-key": SECRET,
        "content-type": "application/json",
        accept: "application/json",
      },
    });
  });

  it("may be sent a form, and a request without a body", async () => {
    await start({ headers: [["content-type", "application/x-www-form-urlencoded"]], body: "Ttl={lifetime}" });
    await start({ method: "GET" });
    const [form, get] = server.requests;
    expect([form?.headers["content-type"], form?.body]).toEqual(["application/x-www-form-urlencoded", "Ttl=600"]);
    expect([get?.method, get?.body, get?.headers["content-type"]]).toEqual(["GET", "", undefined]);
  });

  it("is asked once for all, and again when half of the lifetime has passed", async () => {
    const started = await start();
    for (let times = 0; times < 100; times++) started.issue(ANN, clock.nowMs());
    expect([server.requests.length, clock.nextMs]).toEqual([1, LIFETIME_MS / 2]);
    const [stun, turn] = started.issue(ANN, clock.nowMs());
    expect([stun?.lifetimeMs, turn?.lifetimeMs]).toEqual([undefined, LIFETIME_MS]);
    clock.advance(LIFETIME_MS / 2 - 1);
    expect(started.issue(ANN, clock.nowMs())[1]?.lifetimeMs).toBe(LIFETIME_MS / 2 + 1);
    server.answer = JSON.stringify(answers.cloudflare).replace("cloud-user", "newer");
    await renew();
    expect([server.requests.length, users(started)]).toEqual([2, ["newer"]]);
  });

  it("that fails is asked again, slower and slower, while its last credentials last", async () => {
    const started = await start();
    server.status = 503;
    const pauses: number[] = [];
    for (let times = 0; times < 7; times++) {
      await renew();
      pauses.push(clock.nextMs);
    }
    expect(pauses).toEqual([1_000, 2_000, 5_000, 10_000, 30_000, 30_000, 30_000]);
    expect(users(started)).toEqual(["cloud-user"]);
    expect(log).toEqual(["it answered with HTTP 503"]);
    expect(started.troubles(clock.nowMs())).toEqual([
      expect.stringMatching(
        /gives no credentials: it answered with HTTP 503; the last .* valid for another \d+ seconds$/,
      ),
    ]);
    while (started.leftMs(clock.nowMs()) > 0) await renew();
    await renew();
    expect([users(started), log.slice(1)]).toEqual([[], ["empty"]]);
    expect(started.issue(ANN, clock.nowMs())).toEqual([]);
    expect(started.troubles(clock.nowMs())[0]).toMatch(/; calls have no relay$/);
    server.status = 201;
    await renew();
    expect([users(started), log.at(-1), started.troubles(clock.nowMs())]).toEqual([["cloud-user"], "recovered", []]);
  });

  it("never issues credentials for longer than they are valid", async () => {
    const started = await start();
    const startedMs = clock.nowMs();
    server.status = 500;
    for (let passedMs = 0; passedMs <= LIFETIME_MS + 60_000; passedMs += 10_000) {
      const issued = started.issue(ANN, startedMs + passedMs).flatMap(({ lifetimeMs }) => lifetimeMs ?? []);
      for (const lifetimeMs of issued) expect(passedMs + lifetimeMs).toBeLessThanOrEqual(LIFETIME_MS);
      if (passedMs > LIFETIME_MS) expect(issued).toEqual([]);
    }
  });

  it.each([
    ["refuses", () => void (server.status = 401), "it answered with HTTP 401"],
    ["redirects", () => void ((server.nextStatus = 302), (server.headers = { location: "/" })), "it cannot be reached"],
    ["says too much", () => void (server.answer = " ".repeat(70_000)), "the answer has more than 65536 bytes"],
    ["says nothing", () => void (server.answer = undefined), "no answer within 5 seconds"],
    ["says something else", () => void (server.answer = `"${SECRET}"`), "the answer has no TURN server"],
  ])("that %s prevents no start, and no log repeats what is secret", async (_, spoil, cause) => {
    spoil();
    const started = await start({ url: `${server.url}/?key={secret}` });
    expect(started.issue(ANN, clock.nowMs())).toEqual([]);
    expect(log).toEqual([expect.stringContaining(cause), "empty"]);
    for (const shown of [...log, ...started.troubles(clock.nowMs())]) {
      expect(shown).not.toContain(SECRET);
      expect(shown).not.toContain(encodeURIComponent(SECRET));
      expect(shown).not.toContain("localhost");
    }
  });

  it("that cannot be reached is named with the reason", async () => {
    const { url } = server;
    await server.close();
    await start({ url });
    expect(log[0]).toBe("it cannot be reached (ECONNREFUSED)");
    server = await ProviderServer.start();
  });

  it("is asked no more once the server stops", async () => {
    const started = await start();
    started.stop();
    expect(clock.pending).toBe(0);
  });
});
