import { isIPv6 } from "node:net";
import { isLoopback } from "../core/address.js";
import { noticeOf, problemOfPair } from "./certificates.js";
import { overflow } from "./overflow-contradictions.js";
import { type Values, type VariableName, variableNames, variables } from "./variables.js";

/** What is wrong with values that are each allowed. */
export interface Contradiction {
  /** Says nothing new when one of these is refused for itself. */
  between: readonly VariableName[];
  problem: string;
}

const PUBLIC_TLS = ["TLS_CERT_FILE", "TLS_KEY_FILE"] as const;
const INTERNAL_TLS = ["INTERNAL_TLS_CERT_FILE", "INTERNAL_TLS_KEY_FILE", "INTERNAL_TLS_CA_FILE"] as const;

/** Most proxies keep idle connections this long, in milliseconds. */
const PROXY_IDLE_MS = 65_000;

/** @param given the names of the variables that are set */
export function contradictions(config: Values, given: ReadonlySet<string>): Contradiction[] {
  return [
    ...missing(config, given),
    ...publicTls(config),
    ...internalTls(config),
    ...listeners(config),
    ...redis(config),
    ...overflow(config),
    ...identity(config, given),
    ...relay(config, given),
    ...webhooks(config, given),
    ...evidence(config, given),
    ...deposits(config, given),
    ...operators(config, given),
    ...operatorCertificates(config),
    ...lnd(config),
  ];
}

function missing(config: Values, given: ReadonlySet<string>): Contradiction[] {
  const required = (["CLIENT_URL", "SESSION_SECRET"] as const).filter((name) => !given.has(name));
  if (config.NODE_ENV === "production") {
    return required.map((name) => ({
      between: ["NODE_ENV", name],
      problem: `${name} is required in production: ${variables[name].help}`,
    }));
  }
  if (!config.REDIS_ENABLED || given.has("SESSION_SECRET")) return [];
  const problem = "SESSION_SECRET is required with REDIS_ENABLED: every instance must accept the others' tokens";
  return [{ between: ["REDIS_ENABLED", "SESSION_SECRET"], problem }];
}

function publicTls({ TLS_CERT_FILE: cert, TLS_KEY_FILE: key }: Values): Contradiction[] {
  if (cert === "" && key === "") return [];
  const problem = cert === "" || key === "" ? "are required together" : problemOfPair(cert, key);
  return problem === undefined ? [] : [{ between: PUBLIC_TLS, problem: `${PUBLIC_TLS.join(" and ")} ${problem}` }];
}

function internalTls(config: Values): Contradiction[] {
  const [cert, key, ca] = INTERNAL_TLS.map((name) => config[name]) as [string, string, string];
  const given = [cert, key, ca].filter((content) => content !== "");
  if (given.length > 0) {
    const isWhole = given.length === INTERNAL_TLS.length;
    const problem = isWhole ? problemOfPair(cert, key, ca) : "are required together";
    const names = isWhole ? `${INTERNAL_TLS[0]} and ${INTERNAL_TLS[1]}` : INTERNAL_TLS.join(", ");
    return problem === undefined ? [] : [{ between: INTERNAL_TLS, problem: `${names} ${problem}` }];
  }
  if (config.INTERNAL_ALLOW_OPEN || isLoopback(config.INTERNAL_HOST)) return [];
  const problem =
    `INTERNAL_HOST=${config.INTERNAL_HOST} can be reached from elsewhere: that takes mutual TLS ` +
    `(${INTERNAL_TLS.join(", ")}), or INTERNAL_ALLOW_OPEN=true in a network that is closed by other means`;
  return [{ between: ["INTERNAL_HOST", "INTERNAL_ALLOW_OPEN", ...INTERNAL_TLS], problem }];
}

function listeners({ HOST, PORT, INTERNAL_HOST, INTERNAL_PORT }: Values): Contradiction[] {
  const overlap = HOST === INTERNAL_HOST || isWildcard(HOST, INTERNAL_HOST) || isWildcard(INTERNAL_HOST, HOST);
  if (PORT === 0 || PORT !== INTERNAL_PORT || !overlap) return [];
  const problem = `PORT and INTERNAL_PORT are both ${String(PORT)}: each listener takes a port of its own`;
  return [{ between: ["HOST", "PORT", "INTERNAL_HOST", "INTERNAL_PORT"], problem }];
}

/** Whether one address includes another. */
function isWildcard(host: string, other: string): boolean {
  return host === "::" || (host === "0.0.0.0" && !isIPv6(other));
}

function redis({ REDIS_ENABLED, REDIS_URL: urls }: Values): Contradiction[] {
  const database = urls.map((url) => new URL(url).pathname).find((path) => /[1-9]/.test(path));
  if (!REDIS_ENABLED || urls.length < 2 || database === undefined) return [];
  const problem = `REDIS_URL: several URLs mean a Cluster, which has database 0 only: remove ${database}`;
  return [{ between: ["REDIS_ENABLED", "REDIS_URL"], problem }];
}

function identity(config: Values, given: ReadonlySet<string>): Contradiction[] {
  const { IDENTITY_SECRET: secret, IDENTITY_JWKS: keys } = config;
  const sources = ["IDENTITY_SECRET", "IDENTITY_JWKS"] as const;
  if (secret !== "" && keys !== "") {
    const problem = `${sources.join(" and ")} exclude each other: tokens are verified with one of them`;
    return [{ between: sources, problem }];
  }
  if (secret !== "" || keys !== "") return [];
  const needing = [
    ...(["IDENTITY_ISSUER", "IDENTITY_AUDIENCE", "IDENTITY_REQUIRED"] as const),
    ...(["SESSIONS_PER_PERSON", "SESSIONS_PER_PERSON_KEEP"] as const),
  ];
  const others = needing.filter((name) => given.has(name) && config[name] !== false);
  return others.map((name) => ({
    between: [...sources, name],
    problem: `IDENTITY_SECRET or IDENTITY_JWKS is required with ${name}`,
  }));
}

function relay(config: Values, given: ReadonlySet<string>): Contradiction[] {
  const { TURN_URLS: urls, TURN_SECRET: secret, TURN_API_URL: api, ICE_POLICY: policy } = config;
  const found = api === "" ? withoutProvider(given) : withProvider(config, given);
  const between = ["TURN_URLS", "TURN_SECRET", "TURN_API_URL"] as const;
  if (api === "" && urls.length > 0 && secret === "") {
    found.push({ between, problem: "TURN_SECRET is required with TURN_URLS" });
  }
  if (urls.length === 0 && secret !== "") found.push({ between, problem: "TURN_URLS is required with TURN_SECRET" });
  if (policy === "relay" && urls.length === 0 && api === "") {
    const problem = "TURN_URLS is required with ICE_POLICY=relay: without a relay no call can connect";
    found.push({ between: ["TURN_URLS", "TURN_API_URL", "ICE_POLICY"], problem });
  }
  return found;
}

function webhooks(config: Values, given: ReadonlySet<string>): Contradiction[] {
  const names = ["WEBHOOK_SECRET", "WEBHOOK_EVENTS"] as const;
  if (config.WEBHOOK_URLS.length === 0) {
    return names
      .filter((name) => given.has(name))
      .map((name) => ({ between: ["WEBHOOK_URLS", name], problem: `WEBHOOK_URLS is required with ${name}` }));
  }
  const found: Contradiction[] = [];
  if (config.WEBHOOK_SECRET.length === 0) {
    const problem = "WEBHOOK_SECRET is required with WEBHOOK_URLS: receivers verify signatures with it";
    found.push({ between: ["WEBHOOK_URLS", "WEBHOOK_SECRET"], problem });
  }
  if (config.EVENTS_MAX === 0) {
    const problem = "EVENTS_MAX=0 turns off the log, from which webhooks are sent: remove it, or WEBHOOK_URLS";
    found.push({ between: ["WEBHOOK_URLS", "EVENTS_MAX"], problem });
  }
  return found;
}

function lnd(config: Values): Contradiction[] {
  const names = ["LND_URL", "LND_TLS_CERT_FILE", "LND_MACAROON_FILE"] as const;
  const missing = names.filter((name) => config[name] === "");
  if (missing.length === 0 || missing.length === names.length) return [];
  return [{ between: names, problem: `${names.join(", ")} are required together: ${missing.join(" and ")} missing` }];
}

function deposits(config: Values, given: ReadonlySet<string>): Contradiction[] {
  if (config.DEPOSIT_SATS === 0) return [];
  if (config.LND_URL === "") {
    const problem = "LND_URL is required with DEPOSIT_SATS: a Lightning node holds the deposits";
    return [{ between: ["DEPOSIT_SATS", "LND_URL"], problem }];
  }
  if (config.REDIS_ENABLED || given.has("SESSION_SECRET")) return [];
  const problem = "SESSION_SECRET is required with DEPOSIT_SATS: deposits that outlive a restart depend on it";
  return [{ between: ["DEPOSIT_SATS", "SESSION_SECRET"], problem }];
}

function evidence({ EVIDENCE: policy, EVIDENCE_RECIPIENTS: recipients }: Values, given: ReadonlySet<string>) {
  const between = ["EVIDENCE", "EVIDENCE_RECIPIENTS"] as const;
  if (policy !== "off" && recipients.length === 0) {
    const problem = `EVIDENCE_RECIPIENTS is required with EVIDENCE=${policy}: evidence is encrypted for these keys`;
    return [{ between, problem }];
  }
  if (policy !== "off" || !given.has("EVIDENCE_RECIPIENTS")) return [];
  return [{ between, problem: "EVIDENCE=chat or chat_and_frames is required with EVIDENCE_RECIPIENTS" }];
}

const OPERATORS_HEADERS = ["OPERATORS_NAME_HEADER", "OPERATORS_ROLE_HEADER"] as const;

function operatorCertificates(config: Values): Contradiction[] {
  const name = "OPERATORS_CERTIFICATES";
  if (config[name].size === 0) return [];
  if (config.OPERATORS_PROXY.length > 0) {
    const problem = `OPERATORS_PROXY and ${name} exclude each other: operators come from one of them`;
    return [{ between: ["OPERATORS_PROXY", name], problem }];
  }
  if (config.INTERNAL_TLS_CA_FILE !== "") return [];
  return [{ between: ["INTERNAL_TLS_CA_FILE", name], problem: `INTERNAL_TLS_CA_FILE is required with ${name}` }];
}

function operators(config: Values, given: ReadonlySet<string>): Contradiction[] {
  if (config.OPERATORS_PROXY.length === 0) {
    return OPERATORS_HEADERS.filter((name) => given.has(name)).map((name) => {
      return { between: ["OPERATORS_PROXY", name], problem: `OPERATORS_PROXY is required with ${name}` };
    });
  }
  const [name, role] = OPERATORS_HEADERS.map((header) => config[header].toLowerCase());
  if (name !== role) return [];
  const problem = `${OPERATORS_HEADERS.join(" and ")} are both ${String(name)}: each takes a header of its own`;
  return [{ between: OPERATORS_HEADERS, problem }];
}

const PROVIDER = variableNames.filter((name) => name.startsWith("TURN_API_") && name !== "TURN_API_URL");

function withoutProvider(given: ReadonlySet<string>): Contradiction[] {
  return PROVIDER.filter((name) => given.has(name)).map((name) => {
    return { between: ["TURN_API_URL", name], problem: `TURN_API_URL is required with ${name}` };
  });
}

function withProvider(config: Values, given: ReadonlySet<string>): Contradiction[] {
  const found: Contradiction[] = [];
  const refuse = (problem: string, ...between: VariableName[]) => {
    found.push({ between: ["TURN_API_URL", ...between], problem });
  };
  if (given.has("TURN_SECRET")) {
    refuse("TURN_SECRET and TURN_API_URL exclude each other: credentials come from one of them", "TURN_SECRET");
    return found;
  }
  const [hasUsername, hasPassword] = [config.TURN_API_USERNAME !== "", config.TURN_API_PASSWORD !== ""];
  if (hasUsername !== hasPassword) {
    refuse("TURN_API_USERNAME and TURN_API_PASSWORD are required together", "TURN_API_USERNAME", "TURN_API_PASSWORD");
  } else if (hasUsername !== config.TURN_URLS.length > 0) {
    const problem = "TURN_URLS and TURN_API_USERNAME with TURN_API_PASSWORD are required together";
    refuse(`${problem}: without them the provider's answer names the servers`, "TURN_URLS", "TURN_API_USERNAME");
  }
  const templates = [config.TURN_API_URL, config.TURN_API_HEADERS.flat().join(), config.TURN_API_BODY].join();
  const usesSecret = /\{secret(:base64)?\}/.test(templates);
  if (usesSecret !== given.has("TURN_API_SECRET")) {
    refuse("TURN_API_SECRET is required with {secret}, and has no effect without it", "TURN_API_SECRET");
  }
  return found;
}

/** What is allowed and probably not meant, a sentence each. */
export function doubts(config: Values, given: ReadonlySet<string>): string[] {
  const found: string[] = [];
  if (!given.has("SESSION_SECRET")) {
    found.push("SESSION_SECRET is not set: a restart ends all sessions, and no stored ban will hold any more");
  }
  if (given.has("REDIS_URL") && !config.REDIS_ENABLED) {
    found.push("REDIS_URL is set, but Redis is not used: REDIS_ENABLED is not true");
  }
  if (config.TRUST_PROXY.length > 0 && config.KEEP_ALIVE_TIMEOUT_MS < PROXY_IDLE_MS) {
    found.push(
      "KEEP_ALIVE_TIMEOUT_MS is shorter than proxies keep idle connections (60 s or more): calls may fail with 502",
    );
  }
  if (given.has("WIDEN_AFTER_MS") && config.MATCHING_FILE !== "") {
    found.push("WIDEN_AFTER_MS has no effect: MATCHING_FILE says when interests give way");
  }
  if (config.COUNTRY_HEADER !== "" && config.TRUST_PROXY.length === 0) {
    found.push("COUNTRY_HEADER has no effect: TRUST_PROXY names no proxy whose headers count");
  }
  for (const name of ["COUNTRY_HEADER", "COUNTRY_DATABASE"] as const) {
    if (config[name] === "" || config.MATCHING_FILE !== "") continue;
    found.push(`${name} has no effect: no MATCHING_FILE names the attribute country`);
  }
  for (const name of [PUBLIC_TLS[0], INTERNAL_TLS[0], INTERNAL_TLS[2], "LND_TLS_CERT_FILE"] as const) {
    const notice = config[name] === "" ? undefined : noticeOf(config[name]);
    if (notice !== undefined) found.push(`the certificate in ${name} ${notice}`);
  }
  return found;
}
