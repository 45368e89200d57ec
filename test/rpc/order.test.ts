import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorIn, request } from "../support/http.js";
import { TestClient, transportTo } from "../support/test-client.js";
import { startServer, type TestServer } from "../support/server.js";
import { sendH1, sendH2 } from "../support/wire.js";

const leave = "/satoshigle.v1.MatchService/Leave";
const MAX_CALLS = 3;
/** Less than the ten seconds allowed for a body: a test that waits for one fails. */
const BEFORE_BODY_MS = 8_000;

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startServer({ RATE_LIMIT_MAX_REQUESTS: String(MAX_CALLS), MAX_CONNECTIONS_PER_IP: "10000" });
  const person = await TestClient.open(transportTo(server.url)); // the first call that its session's general budget counts
  token = person.welcome.token;
  for (let count = 0; count < MAX_CALLS; count++) await person.leave();
});
afterAll(() => server.close());

const json = { "content-type": "application/json" };
const unparsable = Buffer.from('{"x":');

/** Calls that their headers alone decide: title, headers, status and code on either listener. */
const refused: [what: string, headers: () => Record<string, string>, status: number, code: string][] = [
  ["no token", () => json, 401, "unauthenticated"],
  ["a forged token", () => ({ ...json, authorization: "Bearer x.y" }), 401, "unauthenticated"],
  ["a foreign origin", () => ({ ...json, origin: "https://evil.example" }), 403, "permission_denied"],
  ["a session over its limit", () => ({ ...json, authorization: `Bearer ${token}` }), 429, "resource_exhausted"],
];

describe("a call is refused by its headers first", () => {
  it.each(refused)("%s, whatever is in its body", async (_what, headers, status, code) => {
    const answer = await request(server.url + leave, { method: "POST", headers: headers(), body: unparsable });
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(code);
  });

  it.each(refused)(
    "%s, before its body arrives, over HTTP/1.1 and HTTP/2",
    async (_what, headers, status, code) => {
      for (const send of [sendH1, sendH2]) {
        const announced = { ...headers(), "content-length": "1000" };
        const answer = await send(server.port, leave, announced, [Buffer.from("{")], { leaveOpen: true });
        expect(answer.status).toBe(status);
        expect(answer.text).toContain(code);
      }
    },
    BEFORE_BODY_MS,
  );
});

describe("a call is refused by what its headers announce, before its body arrives", () => {
  it.each<[what: string, announced: Record<string, string>, status: number]>([
    ["more bytes than are allowed", { "content-length": "100000" }, 429],
    ["a compressed body", { "content-encoding": "gzip" }, 501],
    ["an invalid timeout", { "connect-timeout-ms": "soon" }, 400],
    ["a timeout with too many digits", { "connect-timeout-ms": "99999999999" }, 400],
  ])(
    "%s",
    async (_what, announced, status) => {
      const { welcome } = await TestClient.open(transportTo(server.url));
      for (const send of [sendH1, sendH2]) {
        const headers = { ...json, authorization: `Bearer ${welcome.token}`, "content-length": "1000", ...announced };
        const answer = await send(server.port, leave, headers, [Buffer.from("{")], { leaveOpen: true });
        expect(answer.status).toBe(status);
      }
    },
    BEFORE_BODY_MS,
  );
});

it(
  "an internal call of a foreign origin is refused before its body arrives",
  async () => {
    const headers = { ...json, origin: "https://evil.example", "content-length": "1000" };
    const path = "/satoshigle.internal.v1.MonitoringService/GetStats";
    for (const send of [sendH1, sendH2]) {
      const answer = await send(server.internalPort, path, headers, [Buffer.from("{")], { leaveOpen: true });
      expect(answer.status).toBe(403);
      expect(errorIn(answer.text)?.message).toContain("permission_denied");
    }
  },
  BEFORE_BODY_MS,
);
