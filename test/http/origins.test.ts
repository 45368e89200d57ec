import { describe, expect, it } from "vitest";
import { createOriginCheck } from "../../src/http/origins.js";

const remote = (authority: string, scheme?: string) => ({ host: "127.0.0.1", authority, scheme });

describe("https://*.example.com", () => {
  const isAllowed = createOriginCheck(["https://*.example.com", "https://*.example.com:8443", "http://a.*"]);

  it.each([
    "https://chat.example.com",
    "https://x-1.example.com",
    "https://xn--bcher-kva.example.com",
    "https://a.example.com:8443",
  ])("allows %s", (origin) => expect(isAllowed(origin, remote("localhost"))).toBe(true));

  it.each([
    "https://example.com",
    "https://a.b.example.com",
    "http://chat.example.com",
    "https://chat.example.com:444",
    "https://chat.example.com.evil.com",
    "https://chatXexample.com",
    "https://.example.com",
    "https://-.example.com",
    "https://evil.com/.example.com",
    "https://evil.com#.example.com",
    "https://chat.example.com\n",
    "https://CHAT.example.com",
    "null",
    "",
  ])("does not allow %j", (origin) => expect(isAllowed(origin, remote("localhost"))).toBe(false));
});

describe("the server's own origin", () => {
  const isAllowed = createOriginCheck([]);

  it("has the scheme that is known", () => {
    expect(isAllowed("https://chat.example.com", remote("chat.example.com", "https"))).toBe(true);
    expect(isAllowed("http://chat.example.com", remote("chat.example.com", "https"))).toBe(false);
    expect(isAllowed("https://chat.example.com", remote("chat.example.com", "http"))).toBe(false);
  });

  it("has either scheme while a proxy that may have ended TLS does not say", () => {
    expect(isAllowed("https://chat.example.com", remote("chat.example.com"))).toBe(true);
    expect(isAllowed("http://chat.example.com", remote("chat.example.com"))).toBe(true);
    for (const origin of ["https://chat.example.com:444", "https://example.com", "ftp://chat.example.com", "null"]) {
      expect(isAllowed(origin, remote("chat.example.com"))).toBe(false);
    }
  });

  it("has no default port, which some proxies write", () => {
    expect(isAllowed("https://chat.example.com", remote("chat.example.com:443", "https"))).toBe(true);
    expect(isAllowed("http://chat.example.com", remote("chat.example.com:80"))).toBe(true);
    expect(isAllowed("https://chat.example.com", remote("chat.example.com:80", "https"))).toBe(false);
  });
});
