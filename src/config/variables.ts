import type { z } from "zod";
import { evidenceVariables } from "./evidence-variables.js";
import { challengeVariables } from "./challenge-variables.js";
import { depositVariables } from "./deposit-variables.js";
import { eventVariables } from "./event-variables.js";
import { operatorVariables } from "./operator-variables.js";
import { identityVariables } from "./identity-variables.js";
import { lndVariables } from "./lnd-variables.js";
import { overflowVariables } from "./overflow-variables.js";
import { relayVariables } from "./relay-variables.js";
import { folder, hosts, origins, pathPrefix, proxies, redisUrls, secret, text } from "./schemas.js";
import {
  address,
  amount,
  boolean,
  certificate,
  choice,
  DAY,
  duration,
  key,
  MINUTE,
  port,
  type Variable,
} from "./variable.js";
import { webhookVariables } from "./webhook-variables.js";

/** Every variable. The table in the documentation and `.env.example` are generated from here. */
export const variables = {
  NODE_ENV: {
    ...choice("development", "production", "test"),
    default: "development",
    help: "In production CLIENT_URL and SESSION_SECRET are required, and gRPC and reflection are off on the public port",
  },
  HOST: { ...address, default: "0.0.0.0", help: "Address of the public listener" },
  PORT: { ...port, default: "3001", help: "Port of the public listener" },
  INTERNAL_HOST: {
    ...address,
    default: "127.0.0.1",
    help: "Address of the internal listener: monitoring, moderation, payments",
  },
  INTERNAL_PORT: { ...port, default: "3002", help: "Port of the internal listener" },
  INTERNAL_TLS_CERT_FILE: { ...certificate, help: "Certificate chain of the internal listener; cleartext when empty" },
  INTERNAL_TLS_KEY_FILE: { ...key, help: "Private key of INTERNAL_TLS_CERT_FILE" },
  INTERNAL_TLS_CA_FILE: {
    ...certificate,
    help: "Authority that signs the certificates of the internal listener's clients (mutual TLS)",
  },
  INTERNAL_ALLOW_OPEN: {
    ...boolean,
    default: "false",
    help: "Allows the internal listener on a reachable address without mutual TLS; for networks that are closed by other means",
  },
  ...operatorVariables,
  CLIENT_URL: {
    schema: origins,
    default: "http://localhost:5173",
    allowed: "origins such as https://chat.example.com, separated by commas",
    help: "Origins whose pages may call; the server's own origin always may. Also https://*.example.com (one label) and apps' origins such as capacitor://localhost",
  },
  CLIENT_IP_URL: {
    schema: origins,
    default: "",
    allowed: "origins, separated by commas",
    help: "Further allowed origins",
  },
  HOSTS: {
    schema: hosts,
    default: "",
    allowed: "host names without a port, separated by commas",
    help: "Host names of both listeners, in addition to localhost, IP addresses and (public) the hosts of CLIENT_URL; requests for others get 421",
  },
  REDIS_ENABLED: {
    ...boolean,
    default: "false",
    help: "Shares one lobby with all instances on the same Redis and realm",
  },
  REDIS_URL: {
    schema: redisUrls,
    default: "redis://localhost:6379",
    allowed: "redis: or rediss: URLs, separated by commas",
    help: "URL of Redis; several URLs mean a Cluster",
  },
  REALM: {
    schema: text.regex(/^[\w-]{1,32}$/),
    default: "main",
    allowed: "1 to 32 letters, digits, _ or -",
    help: "Name of the lobby in Redis; people of different realms meet only if one names the other in NEIGHBOUR_REALMS",
  },
  ...overflowVariables,
  RATE_LIMIT_WINDOW_MS: { ...duration(1000, 60 * MINUTE), default: "60000", help: "Window in which calls are counted" },
  RATE_LIMIT_MAX_REQUESTS: {
    ...amount(1, 1_000_000),
    default: "100",
    help: "Calls per session and window; Match, Leave and Report each have a separate budget of this size; ten times as many per address, and as many refused identity tokens per address",
  },
  CONNECTION_TIMEOUT_MS: { ...duration(1000, 5 * MINUTE), default: "20000", help: "Handshake deadline of a match" },
  MAX_DISCONNECTION_DURATION_MS: {
    ...duration(1000, 60 * MINUTE),
    default: "60000",
    help: "How long a session is kept without a stream",
  },
  WIDEN_AFTER_MS: {
    ...duration(0, 10 * MINUTE),
    default: "5000",
    help: "Waiting time after which shared interests no longer matter",
  },
  MATCHING_FILE: {
    schema: folder,
    default: "",
    allowed: "a file, or nothing",
    help: "File of the attributes and filters that people are matched by, in YAML or JSON: see docs/matching.md. By interests and languages when empty",
  },
  COUNTRY_HEADER: {
    schema: text.regex(/^$|^[a-z][a-z0-9-]{0,63}$/i),
    default: "",
    allowed: "the name of a header, or nothing",
    help: "Header in which the proxies in TRUST_PROXY write the client's country, such as CF-IPCountry; for the attribute country",
  },
  COUNTRY_DATABASE: {
    schema: folder,
    default: "",
    allowed: "a file, or nothing",
    help: "File in MaxMind's format (.mmdb) with the countries of addresses; for the attribute country, where no header has it",
  },
  HEARTBEAT_INTERVAL_MS: {
    ...duration(1000, 5 * MINUTE),
    default: "15000",
    help: "Interval of the heartbeats on a quiet stream",
  },
  SOCKET_PATH: {
    schema: pathPrefix,
    default: "",
    allowed: "a path such as /chat, or nothing",
    help: "Path prefix of the RPCs",
  },
  SESSION_SECRET: {
    schema: secret(32),
    default: "",
    allowed: "at least 32 characters",
    help: "Signs session tokens; the same on every instance. Random at each start when empty",
  },
  TRUST_PROXY: {
    schema: proxies,
    default: "",
    allowed: "addresses or networks such as 10.0.0.0/8, or a number, 1 to 10",
    help: "Proxies whose X-Forwarded-* and Forwarded headers count; also loopback, linklocal, uniquelocal. A number counts proxies: nobody may reach the server past them",
  },
  PROXY_HEADER: {
    ...choice("auto", "x-forwarded-for", "forwarded"),
    default: "auto",
    help: "Header in which these proxies write the client's address; with auto, Forwarded counts where X-Forwarded-For is not sent",
  },
  KEEP_ALIVE_TIMEOUT_MS: {
    ...duration(1000, 60 * MINUTE),
    default: "130000",
    help: "How long a connection without calls stays open; longer than proxies in front keep theirs, or calls fail with 502 now and then",
  },
  MAX_CONNECTIONS_PER_IP: {
    ...amount(1, 1_000_000),
    default: "20",
    help: "Open streams per address (an IPv6 /64 counts as one, its /56 may have 4 times as many, its /48 16 times); connections eight times that",
  },
  MAX_SESSIONS_PER_NETWORK: {
    ...amount(0, 10_000_000),
    default: "0",
    help: "Sessions per address on all instances together, counted as MAX_CONNECTIONS_PER_IP is; 0 means five times that. Raise both where many share an address, as in a school",
  },
  MAX_SESSIONS: { ...amount(1, 10_000_000), default: "100000", help: "Sessions at a time" },
  ...challengeVariables,
  TLS_CERT_FILE: { ...certificate, help: "Certificate chain of the public listener; cleartext when empty" },
  TLS_KEY_FILE: { ...key, help: "Private key of TLS_CERT_FILE" },
  ...identityVariables,
  ...relayVariables,
  ...eventVariables,
  ...webhookVariables,
  BAN_AFTER_REPORTS: {
    ...amount(0, 1000),
    default: "5",
    help: "Reports from this many different networks within a day ban a network automatically; 0 turns that off",
  },
  BAN_DURATION_MS: { ...duration(MINUTE, 3650 * DAY), default: "86400000", help: "Duration of an automatic ban" },
  MODERATION_NETWORK_LIMIT: {
    ...amount(0, 10_000_000),
    default: "20",
    help: "Connected people on a network up to which an operator's ban or action on the network is accepted without force",
  },
  ...evidenceVariables,
  MAX_LOOP_DELAY_MS: {
    ...duration(20, 10_000),
    default: "250",
    help: "Delay of the event loop above which new sessions are refused until it recovers",
  },
  LIGHTNING_NETWORK: {
    ...choice("bitcoin", "testnet", "signet", "regtest", "off"),
    default: "bitcoin",
    help: "The Lightning network that tips are paid on; off for no tips",
  },
  ...lndVariables,
  ...depositVariables,
  DATA_DIR: {
    schema: folder,
    default: "data",
    allowed: "a folder",
    help: "Where reports, bans, tips and events are kept",
  },
  DRAIN_TIMEOUT_MS: {
    ...duration(0, 10 * MINUTE),
    default: "5000",
    help: "How long open streams have to move to other instances after SIGTERM",
  },
  FAST_PATH: {
    ...boolean,
    default: "true",
    help: "Serves common calls without the RPC library's generic pipeline, at a lower cost and with the same answers",
  },
  LOG_LEVEL: {
    ...choice("trace", "debug", "info", "warn", "error", "silent"),
    default: "info",
    help: "The lowest level that is logged",
  },
} as const satisfies Record<string, Variable>;

type Variables = typeof variables;

export type VariableName = keyof Variables;
export type Values = { [Name in VariableName]: z.output<Variables[Name]["schema"]> };

export const variableNames = Object.keys(variables) as VariableName[];
