import { existsSync, readFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { isLoopback } from "./core/address.js";

/** A value that was refused, with the variable's name and what is allowed. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const text = z.string();
const count = (min: number, max: number) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(min).max(max));
const flag = z.enum(["true", "false"]).transform((value) => value === "true");
const list = text.transform((value) =>
  value
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== ""),
);
const origins = list.pipe(z.array(text.refine((one) => URL.canParse(one) && new URL(one).origin === one)));
const hosts = list.pipe(z.array(text.refine((one) => /^[\w.-]+$/.test(one) && URL.canParse(`http://${one}`))));
const networks = list.pipe(z.array(text.refine((one) => ipaddr.isValid(one) || ipaddr.isValidCIDR(one))));
const redisUrls = list.pipe(
  z.array(text.refine((one) => URL.canParse(one) && /^rediss?:$/.test(new URL(one).protocol))).min(1),
);
const iceUrls = (...schemes: string[]) =>
  list.pipe(z.array(text.refine((one) => schemes.some((scheme) => one.startsWith(`${scheme}:`)))));
const pem = text.transform((path, context) => {
  if (path === "") return "";
  const content = readIfPossible(path);
  if (content.includes("-----BEGIN ")) return content;
  context.addIssue({ code: "custom" });
  return z.NEVER;
});

const MINUTE = 60_000;

/**
 * Every variable: how it is read, its default, what is allowed (in words, for the error message), what it means. The
 * README's table and `.env.example` are checked against this one by a test.
 */
// prettier-ignore
export const variables = {
  NODE_ENV: [z.enum(["development", "production", "test"]), "development", "development, production or test", "In production CLIENT_URL and SESSION_SECRET are required, gRPC and reflection are off on the public port"],
  HOST: [text.min(1), "0.0.0.0", "an address to listen on", "Address of the public listener"],
  PORT: [count(0, 65_535), "3001", "a port, 0 to 65535; 0 picks a free one", "Port of the public listener"],
  INTERNAL_HOST: [text.min(1), "127.0.0.1", "an address to listen on", "Address of the internal listener: monitoring, moderation, payments"],
  INTERNAL_PORT: [count(0, 65_535), "3002", "a port, 0 to 65535; 0 picks a free one", "Port of the internal listener"],
  INTERNAL_TLS_CERT_FILE: [pem, "", "a readable PEM file", "Certificate chain of the internal listener; cleartext when empty"],
  INTERNAL_TLS_KEY_FILE: [pem, "", "a readable PEM file", "Its private key"],
  INTERNAL_TLS_CA_FILE: [pem, "", "a readable PEM file", "Who must have signed the certificates of its clients (mutual TLS)"],
  INTERNAL_ALLOW_OPEN: [flag, "false", "true or false", "Lets the internal listener be reached from elsewhere without mutual TLS; for networks that are closed by other means"],
  CLIENT_URL: [origins, "http://localhost:5173", "origins such as https://chat.example.com, separated by commas", "Origins whose pages may call; the server's own always may"],
  CLIENT_IP_URL: [origins, "", "origins, separated by commas", "Further allowed origins"],
  HOSTS: [hosts, "", "host names without a port, separated by commas", "Names that both listeners go by, beside localhost, IP addresses and (public) the hosts of CLIENT_URL; else 421"],
  REDIS_ENABLED: [flag, "false", "true or false", "Share one lobby with every other instance on the same Redis and realm"],
  REDIS_URL: [redisUrls, "redis://localhost:6379", "redis: or rediss: URLs, separated by commas", "Where Redis is; several URLs mean a Cluster"],
  REALM: [text.regex(/^[\w-]{1,32}$/), "main", "1 to 32 letters, digits, _ or -", "Names the lobby in Redis; people of different realms never meet"],
  RATE_LIMIT_WINDOW_MS: [count(1000, 60 * MINUTE), "60000", "milliseconds, 1000 to 3600000", "Window in which calls are counted"],
  RATE_LIMIT_MAX_REQUESTS: [count(1, 1_000_000), "100", "a number, 1 to 1000000", "Calls per session and window; Match, Leave and Report each have a budget of this size to themselves; ten times as many per address"],
  CONNECTION_TIMEOUT_MS: [count(1000, 5 * MINUTE), "20000", "milliseconds, 1000 to 300000", "Handshake deadline of a match"],
  MAX_DISCONNECTION_DURATION_MS: [count(1000, 60 * MINUTE), "60000", "milliseconds, 1000 to 3600000", "How long a session is kept without a stream"],
  WIDEN_AFTER_MS: [count(0, 10 * MINUTE), "5000", "milliseconds, 0 to 600000", "After how long of waiting shared interests no longer matter"],
  HEARTBEAT_INTERVAL_MS: [count(1000, 5 * MINUTE), "15000", "milliseconds, 1000 to 300000", "How often a quiet stream shows that it is alive"],
  SOCKET_PATH: [text.regex(/^(\/[\w.-]+)*$/), "", "a path such as /chat, or nothing", "Path prefix of the RPCs"],
  SESSION_SECRET: [z.union([z.literal(""), text.min(32)]), "", "at least 32 characters", "Signs session tokens; the same on every instance. Random at each start when empty"],
  TRUST_PROXY: [networks, "", "addresses or networks such as 10.0.0.0/8, separated by commas", "Proxies whose x-forwarded-* headers count"],
  MAX_CONNECTIONS_PER_IP: [count(1, 1_000_000), "20", "a number, 1 to 1000000", "Open streams per address (an IPv6 /64 counts as one, its /56 may have 4 times as many, its /48 16 times); connections eight times that"],
  MAX_SESSIONS_PER_NETWORK: [count(0, 10_000_000), "0", "a number, 0 to 10000000", "Sessions of one address on all instances together, counted as MAX_CONNECTIONS_PER_IP counts; 0 means five times that. Raise both where many share an address, as in a school"],
  MAX_SESSIONS: [count(1, 10_000_000), "100000", "a number, 1 to 10000000", "Sessions at a time"],
  TLS_CERT_FILE: [pem, "", "a readable PEM file", "Certificate chain of the public listener; cleartext when empty"],
  TLS_KEY_FILE: [pem, "", "a readable PEM file", "Its private key"],
  STUN_URLS: [iceUrls("stun", "stuns"), "", "stun: URLs, separated by commas", "STUN servers for the browsers"],
  TURN_URLS: [iceUrls("turn", "turns"), "", "turn: URLs, separated by commas", "TURN servers for the browsers"],
  TURN_SECRET: [text, "", "the TURN server's static-auth-secret", "Makes TURN credentials; required with TURN_URLS"],
  TURN_CREDENTIALS_PER_HOUR: [count(1, 1_000_000), "300", "a number, 1 to 1000000", "TURN credentials for an address (IPv6: a /64) in an hour, beside those that come with matches; its network may have 4 times as many"],
  BAN_AFTER_REPORTS: [count(0, 1000), "5", "a number, 0 to 1000", "Reports from so many different networks within a day ban a network by themselves; 0 turns that off"],
  BAN_DURATION_MS: [count(MINUTE, 3650 * 24 * 60 * MINUTE), "86400000", "milliseconds, 60000 to 315360000000", "How long an automatic ban lasts"],
  ICE_POLICY: [z.enum(["all", "relay"]), "all", "all or relay", "With relay every call is relayed and no one learns another's address"],
  MAX_LOOP_DELAY_MS: [count(20, 10_000), "250", "milliseconds, 20 to 10000", "When the event loop runs later than this, new sessions are refused until it does better"],
  LIGHTNING_NETWORK: [z.enum(["bitcoin", "testnet", "signet", "regtest", "off"]), "bitcoin", "bitcoin, testnet, signet, regtest or off", "The Lightning network that tips are paid on; off for no tips"],
  DATA_DIR: [text.min(1), "data", "a folder", "Where reports, bans and tips are kept"],
  DRAIN_TIMEOUT_MS: [count(0, 10 * MINUTE), "5000", "milliseconds, 0 to 600000", "How long open streams may move elsewhere after SIGTERM"],
  DIRECT_PATH: [flag, "true", "true or false", "Serves common calls without the RPC library's generic pipeline; the answers are the same, the cost is not"],
  LOG_LEVEL: [z.enum(["trace", "debug", "info", "warn", "error", "silent"]), "info", "trace, debug, info, warn, error or silent", "How much is logged"],
} as const satisfies Record<string, readonly [z.ZodType<unknown, string>, string, string, string]>;

type Variables = typeof variables;
type Values = { [Name in keyof Variables]: z.output<Variables[Name][0]> };
export type Config = Readonly<Values>;

/**
 * Reads the configuration once. `.env` in the working directory fills in what the environment does not set.
 * @throws ConfigError that lists every refused variable
 */
export function loadConfig(environment: Record<string, string | undefined> = fromProcess()): Config {
  const refused: string[] = [];
  const values: Partial<Record<keyof Variables, unknown>> = {};
  for (const [name, [schema, fallback, allowed]] of Object.entries(variables)) {
    const given = environment[name]?.trim() ?? "";
    const parsed = schema.safeParse(given === "" ? fallback : given);
    if (parsed.success) values[name as keyof Variables] = parsed.data;
    else refused.push(`${name}=${shown(name, given)} is not allowed: it must be ${allowed}`);
  }
  if (refused.length === 0) refused.push(...contradictions(values as Values, environment));
  if (refused.length > 0) throw new ConfigError(refused.join("\n"));
  if (values.SESSION_SECRET === "") values.SESSION_SECRET = randomBytes(32).toString("base64url");
  return Object.freeze(values as Values);
}

/** A value that was refused, without what is secret in it: a URL has a password before its @, however it is misspelt. */
function shown(name: string, given: string): string {
  return name.includes("SECRET") ? "(hidden)" : given.replace(/[^,\s]*@/g, "(hidden)@");
}

/** Whether the next start will know the tokens and the keys of networks that this one makes. */
export function hasFixedSecret(environment: Record<string, string | undefined> = fromProcess()): boolean {
  return (environment.SESSION_SECRET?.trim() ?? "") !== "";
}

function contradictions(config: Values, environment: Record<string, string | undefined>): string[] {
  const found: string[] = [];
  if (config.NODE_ENV === "production") {
    for (const name of ["CLIENT_URL", "SESSION_SECRET"] as const) {
      if (!environment[name]?.trim()) found.push(`${name} is required in production: ${variables[name][3]}`);
    }
  }
  if ((config.TLS_CERT_FILE === "") !== (config.TLS_KEY_FILE === "")) {
    found.push("TLS_CERT_FILE and TLS_KEY_FILE are required together");
  }
  found.push(...internalContradictions(config));
  if (config.REDIS_ENABLED && !environment.SESSION_SECRET?.trim()) {
    found.push("SESSION_SECRET is required with REDIS_ENABLED: every instance must know the others' tokens");
  }
  if (config.TURN_URLS.length > 0 && config.TURN_SECRET === "") found.push("TURN_SECRET is required with TURN_URLS");
  if (config.ICE_POLICY === "relay" && config.TURN_URLS.length === 0) {
    found.push("TURN_URLS is required with ICE_POLICY=relay: without a relay no call can connect");
  }
  return found;
}

function internalContradictions(config: Values): string[] {
  const tls = ["INTERNAL_TLS_CERT_FILE", "INTERNAL_TLS_KEY_FILE", "INTERNAL_TLS_CA_FILE"] as const;
  const given = tls.filter((name) => config[name] !== "");
  if (given.length > 0 && given.length < tls.length) return [`${tls.join(", ")} are required together`];
  if (given.length > 0 || config.INTERNAL_ALLOW_OPEN || isLoopback(config.INTERNAL_HOST)) return [];
  return [
    `INTERNAL_HOST=${config.INTERNAL_HOST} can be reached from elsewhere: that takes mutual TLS (${tls.join(", ")}), ` +
      "or INTERNAL_ALLOW_OPEN=true in a network that is closed by other means",
  ];
}

function fromProcess(): Record<string, string | undefined> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  return process.env;
}

function readIfPossible(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
