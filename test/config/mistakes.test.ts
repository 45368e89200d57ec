import { expect, it } from "vitest";
import { variableNames } from "../../src/config/variables.js";
import { identityContradictions, identityValues } from "./support/identity-mistakes.js";
import { eventContradictions, eventMistakes } from "./support/event-mistakes.js";
import { moderationContradictions, moderationValues } from "./support/moderation-mistakes.js";
import { lndContradictions, lndMistakes } from "./support/lnd-mistakes.js";
import { overflowContradictions, overflowMistakes } from "./support/overflow-mistakes.js";
import { relayMistakes } from "./support/relay-mistakes.js";
import { refusalsOf } from "./support/refusals.js";

const SECRET = "a secret of at least thirty-two characters";
const PORT = "it must be a port, 0 to 65535; 0 picks a free one";
const ORIGINS = "it must be origins such as https://chat.example.com, separated by commas";
const ASTERISK = "an asterisk stands for the first label of a name, as in https://*.example.com";
const ADDRESS = "it must be an IP address or a host name to listen on";
const ALONE = "write the address alone, without a scheme, a port and brackets";
const NAMES = "it must be host names without a port, separated by commas";
const PROXIES = "it must be addresses or networks such as 10.0.0.0/8, or a number, 1 to 10";
const TRUSTS_ALL =
  "that trusts everyone, so that clients choose their own addresses: name those of your proxies, or their number";
const REDIS = "it must be redis: or rediss: URLs, separated by commas";
const ENCODE = "in a user or a password, percent-encode each of % # / ? : @ and the comma, such as %23 for #";
const PATH = "it must be a path such as /chat, or nothing";
const RANDOM = "`openssl rand -hex 32` makes one";
const MINUTES = "it must be milliseconds, 1000 to 300000";

/** One invalid value: the variable, the value, the explanation, and the displayed value if it differs. */
const values: [name: string, given: string, explanation: string, shown?: string][] = [
  ["NODE_ENV", "staging", "it must be development, production or test"],
  ["NODE_ENV", "Production", "it must be development, production or test; write production"],
  ["NODE_ENV", "prod", "it must be development, production or test"],
  ["HOST", "http://0.0.0.0", `${ADDRESS}; ${ALONE}`],
  ["HOST", "0.0.0.0:3001", `${ADDRESS}; ${ALONE}`],
  ["INTERNAL_HOST", "[::1]", `${ADDRESS}; ${ALONE}`],
  ["PORT", "abc", PORT],
  ["PORT", "65536", PORT],
  ["PORT", "-1", `${PORT}; write digits only`],
  ["PORT", "3001.5", `${PORT}; write digits only`],
  ["PORT", "0x50", `${PORT}; write digits only`],
  ["PORT", "3001/tcp", `${PORT}; write digits only`],
  ["INTERNAL_PORT", ":3002", `${PORT}; write digits only`],
  ["INTERNAL_ALLOW_OPEN", "maybe", "it must be true or false"],
  ["CLIENT_URL", "chat.example.com", `${ORIGINS}; begin each origin with http:// or https://`],
  ["CLIENT_URL", "localhost:5173", `${ORIGINS}; begin each origin with http:// or https://`],
  ["CLIENT_URL", "*", `${ORIGINS}; begin each origin with http:// or https://`],
  ["CLIENT_URL", "https://*", `${ORIGINS}; ${ASTERISK}`],
  ["CLIENT_URL", "https://*.com", `${ORIGINS}; ${ASTERISK}`],
  ["CLIENT_URL", "https://app-*.example.com", `${ORIGINS}; ${ASTERISK}`],
  ["CLIENT_URL", "https://chat.*.example.com", `${ORIGINS}; ${ASTERISK}`],
  ["CLIENT_URL", "https://*.*.example.com", `${ORIGINS}; ${ASTERISK}`],
  ["CLIENT_URL", "https://*.example.com/chat", `${ORIGINS}; an origin has no path: write https://*.example.com`],
  ["CLIENT_URL", "file:///android_asset/index.html", `${ORIGINS}; no page has an origin that begins with file://`],
  ["CLIENT_URL", "ws://chat.example.com", `${ORIGINS}; no page has an origin that begins with ws://`],
  ["CLIENT_URL", "capacitor://", `${ORIGINS}; write capacitor:// and a host alone`],
  ["CLIENT_URL", "capacitor://localhost/index.html", `${ORIGINS}; write capacitor:// and a host alone`],
  ["CLIENT_URL", "chrome-extension://*", `${ORIGINS}; write chrome-extension:// and a host alone`],
  ["CLIENT_URL", "https://a.example https://b.example", ORIGINS],
  ["CLIENT_URL", "https://A.example/chat", `${ORIGINS}; an origin has no path: write https://a.example`],
  ["CLIENT_URL", "https://x:y@a.example", `${ORIGINS}; an origin has no user and no password`, "(hidden)@a.example"],
  [
    "CLIENT_IP_URL",
    "192.168.0.7",
    "it must be origins, separated by commas; begin each origin with http:// or https://",
  ],
  ["HOSTS", "https://chat.example.com", `${NAMES}; write the name alone, without a scheme and a port`],
  ["HOSTS", "chat.example.com:3001", `${NAMES}; write the name alone, without a scheme and a port`],
  ["HOSTS", "chat example", NAMES],
  ["REDIS_ENABLED", "yes", "it must be true or false; write true"],
  ["REDIS_ENABLED", "1", "it must be true or false; write true"],
  ["REDIS_ENABLED", "False", "it must be true or false; write false"],
  ...overflowMistakes,
  ["REDIS_URL", "localhost:6379", `${REDIS}; begin each URL with redis:// or rediss://`, "(hidden)"],
  ["REDIS_URL", "http://localhost:6379", `${REDIS}; begin each URL with redis:// or rediss://`, "(hidden)"],
  ["REDIS_URL", "redis://localhost/zero", `${REDIS}; the path is the number of a database, such as /0`, "(hidden)"],
  ["REDIS_URL", "redis://localhost:70000", `${REDIS}; ${ENCODE}`],
  ["REDIS_URL", "redis://", `${REDIS}; it names no host`, "(hidden)"],
  ["REDIS_URL", "redis://user:top#secret@host", `${REDIS}; ${ENCODE}`, "(hidden)@(hidden)"],
  ["REALM", "chat room", "it must be 1 to 32 letters, digits, _ or -"],
  ["REALM", "r".repeat(33), "it must be 1 to 32 letters, digits, _ or -"],
  ["RATE_LIMIT_WINDOW_MS", "999", "it must be milliseconds, 1000 to 3600000"],
  ["RATE_LIMIT_WINDOW_MS", "1m", "it must be milliseconds, 1000 to 3600000; write 60000"],
  ["RATE_LIMIT_MAX_REQUESTS", "0", "it must be a number, 1 to 1000000"],
  ["RATE_LIMIT_MAX_REQUESTS", "1e3", "it must be a number, 1 to 1000000; write digits only"],
  ["CONNECTION_TIMEOUT_MS", "20s", `${MINUTES}; write 20000`],
  ["CONNECTION_TIMEOUT_MS", "20 sec", `${MINUTES}; write 20000`],
  ["CONNECTION_TIMEOUT_MS", "20", MINUTES],
  ["CONNECTION_TIMEOUT_MS", "20_000", `${MINUTES}; write digits only`],
  ["MAX_DISCONNECTION_DURATION_MS", "3600001", "it must be milliseconds, 1000 to 3600000"],
  ["WIDEN_AFTER_MS", "600001", "it must be milliseconds, 0 to 600000"],
  ["HEARTBEAT_INTERVAL_MS", "0", MINUTES],
  ["SOCKET_PATH", "chat", `${PATH}; write /chat`],
  ["SOCKET_PATH", "/chat room", PATH],
  ["SESSION_SECRET", "too short", `it must be at least 32 characters; it has 9; ${RANDOM}`, "(hidden)"],
  ["TRUST_PROXY", "true", `${PROXIES}; ${TRUSTS_ALL}`],
  ["TRUST_PROXY", "*", `${PROXIES}; ${TRUSTS_ALL}`],
  ["TRUST_PROXY", "0.0.0.0/0", `${PROXIES}; ${TRUSTS_ALL}`],
  ["TRUST_PROXY", "127.0.0.1, ::/0", `${PROXIES}; ${TRUSTS_ALL}`],
  ["TRUST_PROXY", "0", `${PROXIES}; leave it empty to trust no proxy`],
  ["TRUST_PROXY", "11", `${PROXIES}; there are few proxies`],
  ["TRUST_PROXY", "1, 10.0.0.0/8", `${PROXIES}; a number of proxies stands alone`],
  ["TRUST_PROXY", "nginx", `${PROXIES}; name the addresses of your proxies`],
  ["TRUST_PROXY", "10.0.0.0/33", PROXIES],
  ["PROXY_HEADER", "X-Forwarded-For", "it must be auto, x-forwarded-for or forwarded; write x-forwarded-for"],
  ["PROXY_HEADER", "cf-connecting-ip", "it must be auto, x-forwarded-for or forwarded"],
  ["KEEP_ALIVE_TIMEOUT_MS", "65s", "it must be milliseconds, 1000 to 3600000; write 65000"],
  ["MAX_CONNECTIONS_PER_IP", "many", "it must be a number, 1 to 1000000"],
  ["MAX_SESSIONS_PER_NETWORK", "-5", "it must be a number, 0 to 10000000; write digits only"],
  ["MAX_SESSIONS", "100k", "it must be a number, 1 to 10000000; write digits only"],
  ...identityValues,
  ...moderationValues,
  ...relayMistakes,
  ...eventMistakes,
  ...lndMistakes,
  ["MODERATION_NETWORK_LIMIT", "10000001", "it must be a number, 0 to 10000000"],
  ["BAN_AFTER_REPORTS", "1001", "it must be a number, 0 to 1000"],
  ["BAN_DURATION_MS", "1d", "it must be milliseconds, 60000 to 315360000000; write 86400000"],
  ["BAN_DURATION_MS", "24", "it must be milliseconds, 60000 to 315360000000"],
  ["ICE_POLICY", "none", "it must be all or relay"],
  ["MAX_LOOP_DELAY_MS", "5", "it must be milliseconds, 20 to 10000"],
  ["LIGHTNING_NETWORK", "mainnet", "it must be bitcoin, testnet, signet, regtest or off"],
  ["DATA_DIR", "~/data", "it must be a folder; ~ is expanded by shells only: write the whole path"],
  ["DATA_DIR", "${HOME}/data", "it must be a folder; variables in values are not expanded: write the whole path"],
  [
    "MATCHING_FILE",
    "~/matching.yaml",
    "it must be a file, or nothing; ~ is expanded by shells only: write the whole path",
  ],
  ["COUNTRY_DATABASE", "~/a.mmdb", "it must be a file, or nothing; ~ is expanded by shells only: write the whole path"],
  ["COUNTRY_HEADER", "CF IPCountry", "it must be the name of a header, or nothing"],
  ["DRAIN_TIMEOUT_MS", "forever", "it must be milliseconds, 0 to 600000"],
  ["FAST_PATH", "on", "it must be true or false; write true"],
  ["LOG_LEVEL", "loud", "it must be trace, debug, info, warn, error or silent"],
  ["LOG_LEVEL", "INFO", "it must be trace, debug, info, warn, error or silent; write info"],
];

it.each(values)("%s=%s is refused: %s", (name, given, explanation, shown = given) => {
  expect(refusalsOf({ [name]: given })).toEqual([`${name}=${shown} is not allowed: ${explanation}`]);
});

/** Values that are valid separately, but not together. */
const contradictions: [environment: Record<string, string>, refusal: string][] = [
  [{ PORT: "3002" }, "PORT and INTERNAL_PORT are both 3002: each listener takes a port of its own"],
  [
    { HOST: "::", PORT: "8080", INTERNAL_PORT: "8080" },
    "PORT and INTERNAL_PORT are both 8080: each listener takes a port of its own",
  ],
  ...identityContradictions,
  ...moderationContradictions,
  [{ TURN_URLS: "turn:turn.example.com" }, "TURN_SECRET is required with TURN_URLS"],
  [{ TURN_SECRET: "north" }, "TURN_URLS is required with TURN_SECRET"],
  [{ TURN_API_SECRET: "north" }, "TURN_API_URL is required with TURN_API_SECRET"],
  [{ TURN_API_BODY: "{}" }, "TURN_API_URL is required with TURN_API_BODY"],
  [
    { TURN_API_URL: "https://api.example.com", TURN_URLS: "turn:turn.example.com", TURN_SECRET: "north" },
    "TURN_SECRET and TURN_API_URL exclude each other: credentials come from one of them",
  ],
  [
    { TURN_API_URL: "https://api.example.com", TURN_URLS: "turn:turn.example.com" },
    "TURN_URLS and TURN_API_USERNAME with TURN_API_PASSWORD are required together: without them the provider's answer names the servers",
  ],
  [
    { TURN_API_URL: "https://api.example.com", TURN_API_USERNAME: "$.username" },
    "TURN_API_USERNAME and TURN_API_PASSWORD are required together",
  ],
  [
    { TURN_API_URL: "https://api.example.com", TURN_API_HEADERS: "x-key: {secret}" },
    "TURN_API_SECRET is required with {secret}, and has no effect without it",
  ],
  [
    { TURN_API_URL: "https://api.example.com", TURN_API_SECRET: "north" },
    "TURN_API_SECRET is required with {secret}, and has no effect without it",
  ],
  ...eventContradictions,
  ...overflowContradictions,
  ...lndContradictions,
  [{ ICE_POLICY: "relay" }, "TURN_URLS is required with ICE_POLICY=relay: without a relay no call can connect"],
  [
    { REDIS_ENABLED: "true" },
    "SESSION_SECRET is required with REDIS_ENABLED: every instance must accept the others' tokens",
  ],
  [
    { REDIS_ENABLED: "true", SESSION_SECRET: SECRET, REDIS_URL: "redis://a/1,redis://b/1" },
    "REDIS_URL: several URLs mean a Cluster, which has database 0 only: remove /1",
  ],
  [
    { NODE_ENV: "production", SESSION_SECRET: SECRET },
    "CLIENT_URL is required in production: Origins whose pages may call; the server's own origin always may. Also https://*.example.com (one label) and apps' origins such as capacitor://localhost",
  ],
  [
    { NODE_ENV: "production", CLIENT_URL: "https://chat.example.com", SESSION_SECRET: "  " },
    "SESSION_SECRET is required in production: Signs session tokens; the same on every instance. Random at each start when empty",
  ],
  [
    { INTERNAL_HOST: "0.0.0.0" },
    "INTERNAL_HOST=0.0.0.0 can be reached from elsewhere: that takes mutual TLS (INTERNAL_TLS_CERT_FILE, INTERNAL_TLS_KEY_FILE, INTERNAL_TLS_CA_FILE), or INTERNAL_ALLOW_OPEN=true in a network that is closed by other means",
  ],
];

it.each(contradictions)("%j is refused: %s", (environment, refusal) => {
  expect(refusalsOf(environment)).toEqual([refusal]);
});

it("reports all invalid variables at once, and contradictions between the others", () => {
  const environment = {
    PORT: "abc",
    LOG_LEVEL: "loud",
    TURN_SECRET: "north",
    ICE_POLICY: "none",
    REDIS_URL: "http://x",
  };
  const names = refusalsOf(environment).map((sentence) => sentence.split(/[ =]/)[0]);
  expect(names).toEqual(["PORT", "REDIS_URL", "ICE_POLICY", "LOG_LEVEL", "TURN_URLS"]);
});

it("does not report contradictions with an invalid value", () => {
  expect(refusalsOf({ TURN_URLS: "turn.example.com", TURN_SECRET: "north", ICE_POLICY: "relay" })).toHaveLength(1);
});

it("covers every variable that can be invalid", () => {
  const tried = new Set([...values.map(([name]) => name), ...contradictions.flatMap(([given]) => Object.keys(given))]);
  expect(variableNames.filter((name) => !tried.has(name))).toEqual([
    ...["INTERNAL_TLS_CERT_FILE", "INTERNAL_TLS_KEY_FILE", "INTERNAL_TLS_CA_FILE"],
    ...["TLS_CERT_FILE", "TLS_KEY_FILE"], // in certificates.test.ts
  ]);
  expect(values.length + contradictions.length).toBeGreaterThanOrEqual(58);
});
