import { createSocket } from "node:dgram";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseIceUrl } from "../../src/core/ice-url.js";
import { probeTurn } from "../../src/adapters/stun/probe.js";
import { SharedSecret } from "../../src/adapters/turn/shared-secret.js";
import type { SessionId } from "../../src/core/ids.js";
import { RELAY_ADDRESS, TurnServer } from "../e2e/support/turn-server.js";
import { type Certificate, makeCertificate } from "../support/certificate.js";
import { outcomeOf } from "./support.js";

let certificate: Certificate;
let turn: TurnServer;
beforeAll(async () => {
  certificate = await makeCertificate(RELAY_ADDRESS);
  turn = await TurnServer.start({ tls: certificate });
});
afterAll(async () => {
  await turn.close();
  await rm(certificate.folder, { recursive: true });
});

/** What is said of TURN servers, with their flags. */
async function turnOutcome(flags: string[], variables: Record<string, string> = {}): Promise<string[]> {
  const other = await TurnServer.start({ flags });
  try {
    return (await outcomeOf({ ...other.variables, ...variables })).on("turn");
  } finally {
    await other.close();
  }
}

describe("STUN and TURN servers that work", () => {
  it("are each tried, over UDP and TCP", async () => {
    const { on } = await outcomeOf({
      STUN_URLS: turn.url.replace("turn:", "stun:").replace(/\?.*/, ""),
      TURN_URLS: `${turn.url},${turn.url.replace("=udp", "=tcp")}`,
      TURN_SECRET: turn.secret,
    });
    expect(on("stun")).toEqual([expect.stringMatching(/^ok stun:.* answers in \d+ ms; it sees this machine as 127\./)]);
    expect(on("turn")).toEqual([
      expect.stringMatching(/^ok turn:.*=udp allocates over UDP in \d+ ms, on 127\.0\.0\.9, and relays$/),
      expect.stringMatching(/^ok turn:.*=tcp allocates over TCP in \d+ ms, on 127\.0\.0\.9, and relays$/),
    ]);
  });

  it("are tried over TLS, with their certificate", async () => {
    const { on } = await outcomeOf({ TURN_URLS: turn.tlsUrl, TURN_SECRET: turn.secret });
    expect(on("turn", "fail")).toEqual([
      expect.stringMatching(/its certificate is self-signed → .* that its certificate is valid for this name$/),
    ]);
    const settings = { turnUrls: [turn.tlsUrl], secret: turn.secret, lifetimeMs: 60_000 };
    const [server] = new SharedSecret(settings).issue("check" as SessionId, Date.now());
    const login = { username: server?.username ?? "", credential: server?.credential ?? "" };
    const parsed = parseIceUrl(turn.tlsUrl);
    if ("problem" in parsed) throw new Error(parsed.problem);
    const trusted = { ...parsed, ca: certificate.ca };
    expect(await probeTurn(trusted, login, 4_000)).toMatchObject({ isRelaying: true, isOpen: false });
  });
});

describe("a TURN server fails the check, with what to do,", () => {
  it("when the secret is another", async () => {
    const { on, exitCode } = await outcomeOf({ ...turn.variables, TURN_SECRET: "south" });
    expect(on("turn")).toEqual([expect.stringMatching(/^fail .* refuses: 401 .*TURN_SECRET differs/)]);
    expect(exitCode).toBe(1);
  });

  it("when nothing listens, over UDP and TCP", async () => {
    const urls = [`turn:${RELAY_ADDRESS}:9?transport=udp`, `turn:${RELAY_ADDRESS}:9?transport=tcp`].join();
    const { on } = await outcomeOf({ TURN_URLS: urls, TURN_SECRET: "north" });
    expect(on("turn")).toHaveLength(2);
    for (const line of on("turn"))
      expect(line).toMatch(/^fail .*nothing listens .* → check host and port in TURN_URLS/);
  });

  it("when its name has no address", async () => {
    const { on } = await outcomeOf({ TURN_URLS: "turn:turn.invalid", TURN_SECRET: "north" });
    expect(on("turn")).toEqual([expect.stringMatching(/^fail turn:turn\.invalid does not work: its name /)]);
  });

  it("when it does not answer", async () => {
    const silent = createSocket("udp4").bind(0, "127.0.0.1");
    await once(silent, "listening");
    const url = `turn:127.0.0.1:${String(silent.address().port)}`;
    const { on } = await outcomeOf({ TURN_URLS: url, TURN_SECRET: "north" });
    silent.close();
    expect(on("turn")).toEqual([expect.stringContaining("does not work: no answer within 4 s")]);
  });

  it("when what answers is not a TURN server", async () => {
    const other = createServer((socket) => {
      socket.on("error", () => undefined).end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    await once(other.listen(0, "127.0.0.1"), "listening");
    const { port } = other.address() as { port: number };
    const { on } = await outcomeOf({ TURN_URLS: `turn:127.0.0.1:${String(port)}?transport=tcp`, TURN_SECRET: "north" });
    other.close();
    expect(on("turn")).toEqual([expect.stringMatching(/^fail .*(not STUN|closed the connection)/)]);
  });

  it("when it gives relays to anyone", async () => {
    expect(await turnOutcome(["--no-auth"], { TURN_SECRET: "north" })).toEqual([
      expect.stringMatching(/^fail .*asks for no credentials → /),
    ]);
  });

  it("when packets to its relay do not arrive", async () => {
    const outcome = await turnOutcome(["--external-ip", "127.0.0.77"]);
    expect(outcome).toEqual([
      expect.stringMatching(/^fail .* its relay 127\.0\.0\.77:\d+ does not arrive → open its relay/),
    ]);
  });
});

it("warns when a server permits no peer at the address of this machine", async () => {
  const outcome = await turnOutcome(["--denied-peer-ip", "127.0.0.0-127.255.255.255"]);
  expect(outcome).toEqual([expect.stringMatching(/^warn .*relaying was not tried/)]);
});

it("warns when there are no servers", async () => {
  const { on, exitCode } = await outcomeOf({});
  expect(on("stun")).toEqual([expect.stringMatching(/^warn there are no STUN servers.* → set STUN_URLS/)]);
  expect(on("turn")).toEqual([expect.stringMatching(/^warn there are no TURN servers.* → run coturn/)]);
  expect(exitCode).toBe(1); // nothing serves the page
});
