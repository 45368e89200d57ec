import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { request } from "../support/http.js";
import { roomy } from "../support/pair.js";
import { startServer, type TestServer } from "../support/server.js";

let server: TestServer;
beforeAll(async () => {
  server = await startServer(roomy);
});
afterAll(() => server.close());

const production = {
  NODE_ENV: "production",
  CLIENT_URL: "https://chat.example.com",
  SESSION_SECRET: "a secret of at least thirty-two characters",
};

describe("the page", () => {
  it("is there, or says how to build it", async () => {
    const answer = await request(`${server.url}/`);
    if (answer.status === 503) expect(answer.text).toContain("npm run build");
    else expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
  });

  it("runs nothing from elsewhere and in nobody's frame", async () => {
    const { headers } = await request(`${server.url}/`);
    const policy = headers.get("content-security-policy")?.split(";");
    expect(policy).toEqual(
      expect.arrayContaining([
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]),
    );
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("SAMEORIGIN");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  });

  it("insists on TLS in production, and not in development, where there is none", async () => {
    const inDevelopment = await request(`${server.url}/`);
    expect(inDevelopment.headers.get("strict-transport-security")).toBeNull();
    expect(inDevelopment.headers.get("content-security-policy")).not.toContain("upgrade-insecure-requests");
    const live = await startServer(production);
    const inProduction = await request(`${live.url}/`);
    expect(inProduction.headers.get("strict-transport-security")).toMatch(/^max-age=\d{8}/);
    expect(inProduction.headers.get("content-security-policy")).toContain("upgrade-insecure-requests");
    await live.close();
  });
});

describe("/socket.io/", () => {
  it.each(["GET", "POST"])("%s is gone, with an explanation", async (method) => {
    const answer = await request(`${server.url}/socket.io/?EIO=4&transport=polling`, { method });
    expect(answer.status).toBe(410);
    expect(answer.text).toContain("Socket.IO is gone");
  });
});

describe("/healthz and /readyz", () => {
  it.each(["/healthz", "/readyz"])("%s answers 200 while all is well", async (path) => {
    expect((await request(server.url + path)).status).toBe(200);
  });
});
