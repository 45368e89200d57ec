import { describe, expect, it } from "vitest";
import { ConfigError, loadConfig, readConfig } from "../src/config.js";

/** The message of a refused start. */
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

describe("defaults", () => {
  it("are those of the original server, with a random secret for each start", () => {
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

  it("replace empty and blank values", () => {
    expect(loadConfig({ PORT: "", CLIENT_URL: "  " })).toMatchObject({
      PORT: 3001,
      CLIENT_URL: ["http://localhost:5173"],
    });
  });

  it("result in an immutable configuration", () => {
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

  it("that is an origin is normalized to the form that browsers send", () => {
    const config = loadConfig({
      CLIENT_URL: "https://Chat.Example.com:443/, HTTP://192.168.0.7:80,http://[::1]:5173/",
    });
    expect(config.CLIENT_URL).toEqual(["https://chat.example.com", "http://192.168.0.7", "http://[::1]:5173"]);
  });

  it("that is an origin may be that of an app or an extension, and have one asterisk", () => {
    const apps =
      "capacitor://localhost,IONIC://localhost/,tauri://localhost,chrome-extension://abcdefghijklmnop,app://.";
    const CLIENT_URL = `${apps},moz-extension://6a5c1b3e-0000-4000-8000-1234567890ab,HTTPS://*.Example.com:443/`;
    expect(loadConfig({ CLIENT_URL }).CLIENT_URL).toEqual([
      ...["capacitor://localhost", "ionic://localhost", "tauri://localhost", "chrome-extension://abcdefghijklmnop"],
      ...["app://.", "moz-extension://6a5c1b3e-0000-4000-8000-1234567890ab", "https://*.example.com"],
    ]);
  });

  it("that counts proxies, or names their networks, is taken as it is", () => {
    expect(loadConfig({ TRUST_PROXY: "1" }).TRUST_PROXY).toEqual(["1"]);
    expect(loadConfig({ TRUST_PROXY: "loopback, uniquelocal" }).TRUST_PROXY).toEqual(["loopback", "uniquelocal"]);
    expect(loadConfig({}).TRUST_PROXY).toEqual([]);
  });

  it("that is a path may end in a slash", () => {
    expect(loadConfig({ SOCKET_PATH: "/chat/" }).SOCKET_PATH).toBe("/chat");
    expect(loadConfig({ SOCKET_PATH: "/" }).SOCKET_PATH).toBe("");
  });

  it("that is a STUN or TURN server may have a port, an IPv6 address and a transport", () => {
    const TURN_URLS = "turn:turn.example.com:3478?transport=udp,turns:[2001:db8::1]:5349?transport=tcp";
    const config = loadConfig({
      STUN_URLS: "stun:stun.example.com,stuns:192.0.2.1:5349",
      TURN_URLS,
      TURN_SECRET: "north",
    });
    expect(config.TURN_URLS.join()).toBe(TURN_URLS);
    expect(config.STUN_URLS).toHaveLength(2);
  });
});

describe("production", () => {
  it("starts with CLIENT_URL and SESSION_SECRET", () => {
    expect(loadConfig(live)).toMatchObject({ NODE_ENV: "production", SESSION_SECRET: live.SESSION_SECRET });
  });

  it.each(["CLIENT_URL", "SESSION_SECRET"])("requires a nonblank %s", (name) => {
    for (const value of ["", "  "]) {
      expect(refusalOf({ ...live, [name]: value })).toMatch(new RegExp(`^${name} is required in production`));
    }
  });
});

/** The warnings of a configuration. */
const warningsOf = (environment: Record<string, string>) => readConfig({ environment }).warnings;

describe("a warning is given for", () => {
  it("a missing secret", () => {
    expect(warningsOf({})).toEqual([expect.stringContaining("SESSION_SECRET is not set: a restart ends all sessions")]);
    expect(warningsOf(live)).toEqual([]);
  });

  it("a Redis URL that is not used", () => {
    const REDIS_URL = "redis://localhost:6379";
    expect(warningsOf({ ...live, REDIS_URL })).toEqual([expect.stringContaining("REDIS_ENABLED is not true")]);
    expect(warningsOf({ ...live, REDIS_URL, REDIS_ENABLED: "true" })).toEqual([]);
  });

  it.each([
    ["REDIS_ENABLE", "REDIS_ENABLED"],
    ["CLIENT_URLS", "CLIENT_URL"],
    ["REDIS_URI", "REDIS_URL"],
    ["SESION_SECRET", "SESSION_SECRET"],
    ["SESSION_SECRET_FILE", "SESSION_SECRET"],
    ["TLS_CERT", "TLS_CERT_FILE"],
    ["RATE_LIMIT_WINDOW", "RATE_LIMIT_WINDOW_MS"],
    ["DATADIR", "DATA_DIR"],
    ["PROT", "PORT"],
    ["port", "PORT"],
    ["data-dir", "DATA_DIR"],
  ])("a variable of the environment that looks like one: %s for %s", (name, meant) => {
    expect(warningsOf({ ...live, [name]: "secret" }).join()).toBe(
      ["CLIENT_URL", "SESSION_SECRET"].includes(meant)
        ? ""
        : `${name} is not a variable of this server; did you mean ${meant}?`,
    );
    expect(warningsOf({ [name]: "hunter2" }).join()).toContain(`did you mean ${meant}?`);
    expect(warningsOf({ [name]: "hunter2" }).join()).not.toContain("hunter2");
  });

  it("variables of other programs are ignored", () => {
    const names = [
      "HOME",
      "HOSTNAME",
      "PATH",
      "LOGNAME",
      "LANG",
      "TERM",
      "SHELL",
      "PWD",
      "USER",
      "MAIL",
      "NODE_OPTIONS",
    ];
    names.push("REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD", "REDIS_SERVICE_HOST", "REDIS_PORT_6379_TCP_ADDR", "REDIS");
    names.push(
      "KUBERNETES_PORT_443_TCP_PROTO",
      "NODE_VERSION",
      "npm_config_port",
      "TLS",
      "SSL_CERT_FILE",
      "POSTGRES_URL",
      "SECRET",
      "DEBUG",
    );
    expect(warningsOf({ ...live, ...Object.fromEntries(names.map((name) => [name, "x"])) })).toEqual([]);
  });
});
