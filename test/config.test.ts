import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ConfigError, loadConfig, variables } from "../src/config.js";
import { type Certificate, makeCertificate } from "./support/certificate.js";

/** What the start says when it is refused. */
function refusalOf(environment: Record<string, string>): string {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error("the configuration was not refused");
}

const live = {
  NODE_ENV: "production",
  CLIENT_URL: "https://chat.example.com",
  SESSION_SECRET: "a secret of at least thirty-two characters",
};

it.each(["redis//:hunter2@redis:6379", "redis://a:hunter2@one,rediss//b:hunter2@two", "http://:hunter2@x@redis"])(
  "does not tell the password in REDIS_URL=%s",
  (REDIS_URL) => {
    const refusal = refusalOf({ REDIS_URL });
    expect(refusal).toContain("REDIS_URL=");
    expect(refusal).not.toContain("hunter2");
  },
);

describe("defaults", () => {
  it("are those of the original server, and a secret of its own for each start", () => {
    const config = loadConfig({});
    expect(config).toMatchObject({
      NODE_ENV: "development",
      PORT: 3001,
      CLIENT_URL: ["http://localhost:5173"],
      RATE_LIMIT_WINDOW_MS: 60_000,
      RATE_LIMIT_MAX_REQUESTS: 100,
      CONNECTION_TIMEOUT_MS: 20_000,
      MAX_DISCONNECTION_DURATION_MS: 60_000,
      SOCKET_PATH: "",
      MAX_CONNECTIONS_PER_IP: 20,
    });
    expect(config.SESSION_SECRET).toHaveLength(43);
    expect(loadConfig({}).SESSION_SECRET).not.toBe(config.SESSION_SECRET);
  });

  it("stand for what is empty or blank", () => {
    expect(loadConfig({ PORT: "", CLIENT_URL: "  " })).toMatchObject({
      PORT: 3001,
      CLIENT_URL: ["http://localhost:5173"],
    });
  });

  it("give a configuration that cannot be changed", () => {
    expect(Object.isFrozen(loadConfig({}))).toBe(true);
  });
});

describe("a value", () => {
  it("in a list is separated by commas, with or without blanks", () => {
    const config = loadConfig({
      CLIENT_URL: "https://a.example, https://b.example:8443,",
      TRUST_PROXY: "::1,10.0.0.0/8",
    });
    expect(config.CLIENT_URL).toEqual(["https://a.example", "https://b.example:8443"]);
    expect(config.TRUST_PROXY).toEqual(["::1", "10.0.0.0/8"]);
  });

  it.each([
    ["NODE_ENV", "staging"],
    ["PORT", "abc"],
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PORT", "3001.5"],
    ["PORT", "0x50"],
    ["CLIENT_URL", "chat.example.com"],
    ["CLIENT_URL", "https://chat.example.com/"],
    ["CLIENT_URL", "https://a.example, *"],
    ["CLIENT_IP_URL", "192.168.0.7"],
    ["RATE_LIMIT_WINDOW_MS", "999"],
    ["RATE_LIMIT_MAX_REQUESTS", "0"],
    ["CONNECTION_TIMEOUT_MS", "20s"],
    ["MAX_DISCONNECTION_DURATION_MS", "3600001"],
    ["WIDEN_AFTER_MS", "600001"],
    ["HEARTBEAT_INTERVAL_MS", "0"],
    ["SOCKET_PATH", "chat"],
    ["SOCKET_PATH", "/chat/"],
    ["TRUST_PROXY", "true"],
    ["TRUST_PROXY", "10.0.0.0/33"],
    ["MAX_CONNECTIONS_PER_IP", "many"],
    ["MAX_SESSIONS", "0"],
    ["TLS_CERT_FILE", "/nowhere/cert.pem"],
    ["TLS_KEY_FILE", tmpdir()],
    ["TLS_CERT_FILE", import.meta.filename],
    ["STUN_URLS", "turn:turn.example.com"],
    ["TURN_URLS", "https://turn.example.com"],
    ["ICE_POLICY", "none"],
    ["DRAIN_TIMEOUT_MS", "forever"],
    ["LOG_LEVEL", "loud"],
  ] as const)("%s=%s is refused with its name, the value and what is allowed", (name, value) => {
    expect(refusalOf({ [name]: value })).toBe(`${name}=${value} is not allowed: it must be ${variables[name][2]}`);
  });

  it("that is refused does not hide another: all are named at once", () => {
    expect(refusalOf({ PORT: "abc", LOG_LEVEL: "loud" }).split("\n")).toHaveLength(2);
  });

  it("that is a secret is never shown", () => {
    const refusal = refusalOf({ SESSION_SECRET: "too short", PORT: "abc" });
    expect(refusal).toContain("SESSION_SECRET");
    expect(refusal).toContain("at least 32 characters");
    expect(refusal).not.toContain("too short");
  });
});

describe("production", () => {
  it("starts with CLIENT_URL and SESSION_SECRET", () => {
    expect(loadConfig(live)).toMatchObject({ NODE_ENV: "production", SESSION_SECRET: live.SESSION_SECRET });
  });

  it.each(["CLIENT_URL", "SESSION_SECRET"])("is refused without %s, and with a blank one", (name) => {
    for (const value of ["", "  "]) {
      expect(refusalOf({ ...live, [name]: value })).toMatch(new RegExp(`^${name} is required in production`));
    }
  });
});

describe("what contradicts itself is refused", () => {
  let certificate: Certificate;
  let folder: string;
  beforeAll(async () => {
    certificate = await makeCertificate();
    folder = await mkdtemp(join(tmpdir(), "satoshigle-config-"));
  });
  afterAll(async () => {
    await Promise.all([certificate.folder, folder].map((one) => rm(one, { recursive: true })));
  });

  it("a certificate without its key, and a key without its certificate", () => {
    const [cert, key] = [{ TLS_CERT_FILE: certificate.certFile }, { TLS_KEY_FILE: certificate.keyFile }];
    expect(refusalOf(cert)).toContain("required together");
    expect(refusalOf(key)).toContain("required together");
    expect(loadConfig({ ...cert, ...key }).TLS_CERT_FILE).toBe(certificate.ca);
  });

  it("the internal listener open to others without mutual TLS, unless told so", () => {
    for (const INTERNAL_HOST of ["0.0.0.0", "::", "10.0.0.5", "ops.example.com"]) {
      expect(refusalOf({ INTERNAL_HOST })).toMatch(
        /^INTERNAL_HOST=.+ can be reached from elsewhere.*INTERNAL_ALLOW_OPEN/,
      );
      expect(loadConfig({ INTERNAL_HOST, INTERNAL_ALLOW_OPEN: "true" })).toMatchObject({ INTERNAL_HOST });
      const tls = {
        INTERNAL_TLS_CERT_FILE: certificate.certFile,
        INTERNAL_TLS_KEY_FILE: certificate.keyFile,
        INTERNAL_TLS_CA_FILE: certificate.certFile,
      };
      expect(loadConfig({ INTERNAL_HOST, ...tls })).toMatchObject({ INTERNAL_HOST });
      expect(refusalOf({ INTERNAL_HOST, ...tls, INTERNAL_TLS_CA_FILE: "" })).toContain("required together");
    }
    for (const INTERNAL_HOST of ["localhost", "127.0.0.1", "127.3.2.1", "::1"]) {
      expect(loadConfig({ INTERNAL_HOST })).toMatchObject({ INTERNAL_HOST });
    }
  });

  it("TURN servers without their secret", () => {
    expect(refusalOf({ TURN_URLS: "turn:turn.example.com" })).toContain("TURN_SECRET is required");
  });

  it("relayed calls only, without a relay", () => {
    expect(refusalOf({ ICE_POLICY: "relay" })).toContain("TURN_URLS is required");
  });

  it("an empty file as a certificate", async () => {
    const empty = join(folder, "empty.pem");
    await writeFile(empty, "");
    expect(refusalOf({ TLS_CERT_FILE: empty })).toContain(`TLS_CERT_FILE=${empty} is not allowed`);
  });
});
