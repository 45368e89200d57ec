import { fileURLToPath } from "node:url";
import type { CountryLookup } from "./adapters/maxmind/country-database.js";
import type { ChallengeSettings } from "./app/challenges.js";
import type { DepositSettings } from "./app/deposits.js";
import type { StreamSettings } from "./app/streams.js";
import type { Config } from "./config.js";
import { isLoopback } from "./core/address.js";
import { defaultSchema, isModeBinding, type MatchingSchema } from "./core/matching-schema.js";
import { openCountries } from "./country.js";
import { hostName } from "./http/hosts.js";
import { trustOf } from "./http/proxies.js";
import { openMatchingSchema } from "./matching-schema.js";
import type { InternalSettings } from "./rpc/internal-listener.js";
import type { PublicSettings } from "./rpc/public-listener.js";

/** Streams are replaced within an hour, because proxies and load balancers often limit their lifetime. */
const STREAM_LIFETIME_MS = 55 * 60_000;
/** Browsers open up to six connections per host; the rest is headroom for tabs that open and close. */
const CONNECTIONS_PER_STREAM = 8;
/** Sessions whose stream ended recently still count, as do sessions on other instances. */
const SESSIONS_PER_STREAM = 5;
/** A client must answer within half of this, even when its machine is busy. */
const MIN_PING_MS = 5_000;
/** Maximum open connections per host to the internal listener. */
const INTERNAL_CONNECTIONS = 1_000;

/** What was read from the files that the configuration names. */
interface Sources {
  schema: MatchingSchema;
  lookUpCountry: CountryLookup | undefined;
}

/**
 * Derives the settings of a server from its configuration and the files that it names.
 * @throws ConfigError if a file cannot be used
 */
export async function readSettings(config: Config) {
  return settingsFrom(config, {
    schema: await openMatchingSchema(config),
    lookUpCountry: await openCountries(config),
  });
}

/** Derives the settings of each component from the configuration. */
export function settingsFrom(
  config: Config,
  { schema = defaultSchema(config.WIDEN_AFTER_MS), lookUpCountry }: Partial<Sources> = {},
) {
  const secret = config.SESSION_SECRET;
  const resumeWindowMs = config.MAX_DISCONNECTION_DURATION_MS;
  const heartbeatMs = config.HEARTBEAT_INTERVAL_MS;
  const handshakeMs = config.CONNECTION_TIMEOUT_MS;
  const maxCalls = config.RATE_LIMIT_MAX_REQUESTS;
  const callWindowMs = config.RATE_LIMIT_WINDOW_MS;
  const allowedOrigins = [...config.CLIENT_URL, ...config.CLIENT_IP_URL];
  const network = config.LIGHTNING_NETWORK === "off" ? undefined : config.LIGHTNING_NETWORK;
  const maxPerNetwork = config.MAX_SESSIONS_PER_NETWORK || config.MAX_CONNECTIONS_PER_IP * SESSIONS_PER_STREAM;
  const ice = iceSettings(config);
  return {
    streams: streamSettings(config, maxPerNetwork),
    sessions: {
      ...{ secret, maxSessions: config.MAX_SESSIONS, maxPerNetwork, resumeWindowMs, heartbeatMs },
      maxPerPerson: config.SESSIONS_PER_PERSON,
      personKeeps: config.SESSIONS_PER_PERSON_KEEP,
    },
    challenges: challengeSettings(config),
    deposits: depositSettings(config),
    matching: { schema, ice, isModeBinding: isModeBinding(schema), hasTips: network !== undefined },
    signaling: {
      ...{ ice, handshakeMs, heartbeatMs, resumeWindowMs, maxCalls, callWindowMs, network },
      relayMaxBitrateKbps: config.RELAY_MAX_BITRATE_KBPS,
      schema,
    },
    tipping: { network },
    bans: { afterReports: config.BAN_AFTER_REPORTS, durationMs: config.BAN_DURATION_MS },
    evidence: { policy: config.EVIDENCE, recipients: config.EVIDENCE_RECIPIENTS },
    crowdLimit: config.MODERATION_NETWORK_LIMIT,
    guards: { secret, maxCalls, callWindowMs },
    public: publicSettings(config, allowedOrigins, lookUpCountry),
    internal: internalSettings(config),
  };
}

function streamSettings(config: Config, maxPerNetwork: number): StreamSettings {
  const { HEARTBEAT_INTERVAL_MS: heartbeatMs, MAX_CONNECTIONS_PER_IP: maxPerAddress } = config;
  const maxReturning = Math.max(maxPerNetwork, maxPerAddress);
  return { heartbeatMs, maxPerAddress, maxReturning, lifetimeMs: STREAM_LIFETIME_MS };
}

function iceSettings(config: Config) {
  return {
    stunUrls: config.STUN_URLS,
    relayAvailable: hasRelay(config),
    relayAlways: config.ICE_POLICY === "relay",
    credentialsPerHour: config.TURN_CREDENTIALS_PER_HOUR,
  };
}

function challengeSettings(config: Config): ChallengeSettings | undefined {
  if (config.CHALLENGE === "off") return undefined;
  return { afterNetwork: config.CHALLENGE_AFTER_NETWORK, afterAll: config.CHALLENGE_AFTER_ALL };
}

function depositSettings(config: Config): DepositSettings | undefined {
  if (config.DEPOSIT_SATS === 0) return undefined;
  return { amountSat: config.DEPOSIT_SATS, whenNodeAway: config.DEPOSIT_WHEN_NODE_AWAY };
}

/** Whether there are TURN servers, of this operator or of a provider. */
function hasRelay({ TURN_URLS, TURN_API_URL }: Config): boolean {
  return TURN_URLS.length > 0 || TURN_API_URL !== "";
}

function publicSettings(config: Config, allowedOrigins: string[], lookUp?: CountryLookup): PublicSettings {
  const isTrusted = trustOf(config.TRUST_PROXY);
  const tls = config.TLS_CERT_FILE === "" ? undefined : { cert: config.TLS_CERT_FILE, key: config.TLS_KEY_FILE };
  return {
    server: {
      tls,
      maxConnectionsPerHost: config.MAX_CONNECTIONS_PER_IP * CONNECTIONS_PER_STREAM,
      isTrustedProxy: (address) => isTrusted(address, 0),
      keepAliveMs: config.KEEP_ALIVE_TIMEOUT_MS,
      pingMs: Math.max(MIN_PING_MS, config.HEARTBEAT_INTERVAL_MS),
    },
    proxies: { isTrusted, header: config.PROXY_HEADER },
    country: { header: config.COUNTRY_HEADER, lookUp },
    hosts: {
      names: namesOf(config, [config.HOST, ...allowedOrigins.flatMap(hostsOf)]),
      addresses: "any",
      mayBeMissing: true,
    },
    allowedOrigins,
    hasFastPath: config.FAST_PATH,
    openToTools: config.NODE_ENV !== "production",
    heartbeatMs: config.HEARTBEAT_INTERVAL_MS,
    page: {
      root: builtFolder("demo"),
      rpcPrefix: config.SOCKET_PATH,
      secure: tls !== undefined || config.NODE_ENV === "production",
    },
  };
}

function internalSettings(config: Config): InternalSettings {
  const { INTERNAL_TLS_CERT_FILE: cert, INTERNAL_TLS_KEY_FILE: key, INTERNAL_TLS_CA_FILE: clientCa } = config;
  const tls = cert === "" ? undefined : { cert, key, clientCa };
  const names = namesOf(config, [config.INTERNAL_HOST]);
  return {
    server: {
      tls,
      maxConnectionsPerHost: INTERNAL_CONNECTIONS,
      isTrustedProxy: () => false,
      keepAliveMs: config.KEEP_ALIVE_TIMEOUT_MS,
    },
    hosts: { names, addresses: isLoopback(config.INTERNAL_HOST) ? "loopback" : "any", mayBeMissing: false },
    isOperatorsProxy: trustOf(config.OPERATORS_PROXY),
    consoleRoot: builtFolder("console"),
  };
}

/** The host of a page that a server can serve; none of an app. */
function hostsOf(origin: string): string[] {
  const [, host] = /^https?:\/\/(.*)$/.exec(origin) ?? [];
  return host === undefined ? [] : [host];
}

/** Returns the host names of a listener, in addition to localhost and its addresses. */
function namesOf({ HOSTS }: Config, others: string[]): string[] {
  return [...HOSTS, ...others].map((name) => hostName(name));
}

/** Returns the output folder of a page built by `npm run build`, relative to `src`, `dist/src` or `dist/server`. */
function builtFolder(name: "demo" | "console"): string {
  const here = import.meta.url;
  return fileURLToPath(new URL(/\/dist\/(src|server)\//.test(here) ? `../${name}` : `../dist/${name}`, here));
}
