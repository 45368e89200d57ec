import { isIP } from "node:net";
import { bech32 } from "@scure/base";
import ipaddr from "ipaddr.js";
import { z } from "zod";
import { isLoopback } from "../core/address.js";
import { type Role, roles } from "../core/role.js";
import { webhookTypes } from "../core/webhook.js";
import { type IceUrl, parseIceUrl } from "../core/ice-url.js";
import { type PemKind, readPem } from "./certificates.js";

type Context = z.core.$RefinementCtx<string>;

/** Refuses a value. The hint follows the sentence that says what is allowed; none when there is nothing to add. */
export function refuse(context: Pick<z.core.$RefinementCtx, "addIssue">, hint?: string): never {
  context.addIssue({ code: "custom", ...(hint !== undefined && { message: hint }) });
  return z.NEVER;
}

export const text = z.string();

const UNITS: Record<string, number> = {
  ms: 1,
  s: 1000,
  sec: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

export const milliseconds = (min: number, max: number) => wholeNumber(min, max, inMilliseconds);
/** 0 stands for never. */
export const millisecondsOrNever = (min: number, max: number) => wholeNumber(min, max, inMilliseconds, true);
export const count = (min: number, max: number) => wholeNumber(min, max, () => undefined);

function wholeNumber(min: number, max: number, hintFor: (given: string) => string | undefined, orZero = false) {
  return text.transform((given, context) => {
    const value = /^\d+$/.test(given) ? Number(given) : NaN;
    if ((value >= min && value <= max) || (orZero && value === 0)) return value;
    const hint = hintFor(given) ?? (Number.isNaN(value) && /\d/.test(given) ? "write digits only" : undefined);
    return refuse(context, hint);
  });
}

function inMilliseconds(given: string): string | undefined {
  const [, digits, unit = ""] = /^(\d+)\s*([a-z]+)$/i.exec(given) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  return digits === undefined || factor === undefined ? undefined : `write ${String(Number(digits) * factor)}`;
}

export function oneOf<const Values extends readonly [string, ...string[]]>(...values: Values) {
  return text.transform((given, context): Values[number] => {
    const found = values.find((value) => value === given);
    if (found !== undefined) return found;
    const meant = values.find((value) => value === given.toLowerCase());
    return refuse(context, meant && `write ${meant}`);
  });
}

const BOOLEANS: Record<string, string> = { yes: "true", on: "true", 1: "true", no: "false", off: "false", 0: "false" };

export const flag = text.transform((given, context) => {
  if (given === "true" || given === "false") return given === "true";
  const lower = given.toLowerCase();
  const meant = lower === "true" || lower === "false" ? lower : BOOLEANS[lower];
  return refuse(context, meant && `write ${meant}`);
});

const list = text.transform((value) =>
  value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== ""),
);

/** A list whose items are read by `parse`, which refuses those that are not allowed. */
const listOf = (parse: (item: string, context: Context) => string) => list.pipe(z.array(text.transform(parse)));

/** Origins as browsers write them: lower case, no default port, no slash at the end. */
export const origins = listOf((given, context) => {
  const [, scheme] = /^([a-z][a-z\d+.-]*):\/\//i.exec(given) ?? [];
  if (scheme === undefined) return refuse(context, "begin each origin with http:// or https://");
  return /^https?$/i.test(scheme) ? webOrigin(given, context) : appOrigin(given, scheme.toLowerCase(), context);
});

function webOrigin(given: string, context: Context): string {
  const isWildcard = given.includes("*");
  if (isWildcard && !/^https?:\/\/\*\.[^*./]+\.[^*]+$/i.test(given)) {
    return refuse(context, "an asterisk stands for the first label of a name, as in https://*.example.com");
  }
  const plain = given.replace("*", "x");
  if (!URL.canParse(plain)) return refuse(context);
  const url = new URL(plain);
  const origin = isWildcard ? url.origin.replace("://x.", "://*.") : url.origin;
  if (url.username + url.password !== "") return refuse(context, "an origin has no user and no password");
  if (url.pathname + url.search + url.hash !== "/") return refuse(context, `an origin has no path: write ${origin}`);
  return origin;
}

/** Schemes whose pages have no origin, or none that a page may call from. */
const WITHOUT_ORIGIN = ["file", "data", "blob", "about", "javascript", "ws", "wss", "ftp"];

/** Reads the origin of an app or an extension, such as `capacitor://localhost`. */
function appOrigin(given: string, scheme: string, context: Context): string {
  if (WITHOUT_ORIGIN.includes(scheme)) return refuse(context, `no page has an origin that begins with ${scheme}://`);
  const [, host] = /^[^:]+:\/\/([\w.-]+(?::\d{1,5})?)\/?$/.exec(given) ?? [];
  return host === undefined ? refuse(context, `write ${scheme}:// and a host alone`) : `${scheme}://${host}`;
}

export const hosts = listOf((given, context) => {
  if (/^[\w.-]+$/.test(given) && URL.canParse(`http://${given}`)) return given;
  return refuse(context, /[:/]/.test(given) ? "write the name alone, without a scheme and a port" : undefined);
});

/** Networks that have a name, as in Express and Fastify. */
const NAMED_NETWORKS = ["loopback", "linklocal", "uniquelocal"];
const MAX_PROXIES = 10;
const TRUSTS_ALL =
  "that trusts everyone, so that clients choose their own addresses: name those of your proxies, or their number";

/** Addresses and networks, or the number of proxies alone. */
export const proxies = list.pipe(
  z.array(text).transform((given, context) => {
    const [first = "", ...others] = given;
    if (/^\d+$/.test(first) && others.length === 0) return [proxyCount(Number(first), context)];
    return given.map((item) => network(item, context));
  }),
);

/** Addresses and networks. */
export const networks = list.pipe(
  z.array(text).transform((given, context) => given.map((item) => network(item, context))),
);

/** Roles of operators by their names. */
export const operatorRoles = list.pipe(
  z.array(text).transform((given, context) => {
    const pairs = given.map((pair) => operatorRole(pair, context));
    const byName = new Map(pairs);
    return byName.size === pairs.length ? byName : refuse(context, "each name has one role");
  }),
);

function operatorRole(given: string, context: z.core.$RefinementCtx<string[]>): [name: string, role: Role] {
  const [, name, end = ""] = /^([A-Za-z0-9._@-]{1,64}) *= *(.*)$/.exec(given) ?? [];
  const role = roles.find((one) => one === end);
  return name === undefined || role === undefined ? refuse(context) : [name, role];
}

function proxyCount(count: number, context: z.core.$RefinementCtx<string[]>): string {
  if (count >= 1 && count <= MAX_PROXIES) return String(count);
  return refuse(context, count === 0 ? "leave it empty to trust no proxy" : "there are few proxies");
}

function network(given: string, context: z.core.$RefinementCtx<string[]>): string {
  if (NAMED_NETWORKS.includes(given)) return given;
  if (/^(true|all|any|\*)$/i.test(given) || /^[\d.:]+\/0$/.test(given)) return refuse(context, TRUSTS_ALL);
  const isAddress = isIP(given.replace(/\/.*/, "")) !== 0; // the library also reads 1 as an address
  if (isAddress && (ipaddr.isValid(given) || ipaddr.isValidCIDR(given))) return given;
  if (/^\d+$/.test(given)) return refuse(context, "a number of proxies stands alone");
  return refuse(context, /^[a-z][\w-]*$/i.test(given) ? "name the addresses of your proxies" : undefined);
}

export const redisUrls = list.pipe(z.array(text.transform(redisUrl)).min(1));

export function redisUrl(given: string, context: Pick<Context, "addIssue">): string {
  if (!/^rediss?:\/\//i.test(given)) return refuse(context, "begin each URL with redis:// or rediss://");
  const encode = "in a user or a password, percent-encode each of % # / ? : @ and the comma, such as %23 for #";
  if (!URL.canParse(given)) return refuse(context, encode);
  const { hostname, username, password, pathname, search, hash } = new URL(given);
  if (hash !== "" || search.includes("@") || pathname.includes("@")) return refuse(context, encode);
  if (!isEncoded(username) || !isEncoded(password)) return refuse(context, encode);
  if (hostname === "") return refuse(context, "it names no host");
  if (!/^(\/\d*)?$/.test(pathname)) return refuse(context, "the path is the number of a database, such as /0");
  return given;
}

function isEncoded(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

/** URLs of STUN or of TURN servers, in normal form. */
function iceUrls(kind: IceUrl["kind"]) {
  return listOf((given, context) => {
    const parsed = parseIceUrl(given);
    if ("problem" in parsed) return refuse(context, parsed.problem === "" ? undefined : parsed.problem);
    return parsed.kind === kind ? parsed.url : refuse(context);
  });
}

export const stunUrls = iceUrls("stun");
export const turnUrls = iceUrls("turn");

/** The URL of an API. Cleartext never leaves this machine. */
export const httpsUrl = text.transform((given, context) => {
  if (given === "") return given;
  if (!/^https?:\/\//i.test(given)) return refuse(context, "begin it with https://");
  const plain = given.replace(/\{(lifetime|secret|secret:base64)\}/g, "x");
  if (!URL.canParse(plain)) return refuse(context);
  const { protocol, hostname, username, password } = new URL(plain);
  if (username + password !== "") return refuse(context, "write user and password into TURN_API_HEADERS");
  const isLocal = isLoopback(hostname);
  return protocol === "https:" || isLocal ? given : refuse(context, "begin it with https://");
});

/** URLs that webhooks are posted to. Cleartext never leaves this machine. */
export const webhookUrls = listOf((given, context) => {
  if (!/^https?:\/\//i.test(given)) return refuse(context, "begin each with https://");
  if (!URL.canParse(given)) return refuse(context);
  const { protocol, hostname, username, password, hash } = new URL(given);
  if (username + password !== "") return refuse(context, "write no user and password: requests are signed");
  if (hash !== "") return refuse(context, "a part after # is not sent: remove it");
  return protocol === "https:" || isLoopback(hostname) ? given : refuse(context, "begin each with https://");
});

const [MIN_KEY_BYTES, MAX_KEY_BYTES] = [24, 64];

/** Secrets as Standard Webhooks writes them. */
export const webhookSecrets = listOf((given, context) => {
  const key = /^whsec_([A-Za-z\d+/]+={0,2})$/.exec(given)?.[1];
  const bytes = Buffer.from(key ?? "", "base64");
  const isWhole = bytes.toString("base64").replace(/=+$/, "") === key?.replace(/=+$/, "");
  if (isWhole && bytes.length >= MIN_KEY_BYTES && bytes.length <= MAX_KEY_BYTES) return given;
  return refuse(context, "`echo whsec_$(openssl rand -base64 32)` makes one");
});

const MAX_RECIPIENTS = 10;

/** Public keys of age: Bech32 of 32 bytes, whose checksum finds a mistyped key. */
export const ageRecipients = listOf((given, context) => {
  if (/^age-secret-key-1/i.test(given)) return refuse(context, "this is a private key: write the public one, age1…");
  if (!/^age1[02-9ac-hj-np-z]{58}$/.test(given)) return refuse(context, "begin each with age1 and copy it whole");
  return bech32.decodeUnsafe(given) === undefined ? refuse(context, "a key is mistyped: its checksum is wrong") : given;
}).pipe(
  z.array(text).transform((given, context) => {
    return given.length <= MAX_RECIPIENTS ? given : refuse(context, "ten keys at most");
  }),
);

const typeNames: readonly string[] = Object.values(webhookTypes);

export const webhookTypeNames = listOf((given, context) => {
  if (typeNames.includes(given)) return given;
  const meant = typeNames.find((name) => name === given.toLowerCase().replaceAll("_", "."));
  return refuse(context, meant && `write ${meant}`);
});

/** A file, or the URL of a document. Cleartext never leaves this machine. */
export const keySource = text.transform((given, context) => {
  if (!/^[a-z][a-z\d+.-]+:/i.test(given)) return given;
  if (!/^https?:\/\//i.test(given) || !URL.canParse(given)) return refuse(context);
  const { protocol, hostname, username, password } = new URL(given);
  if (username + password !== "") return refuse(context, "public keys need no user and no password");
  return protocol === "https:" || isLoopback(hostname) ? given : refuse(context, "begin it with https://");
});

/** Headers of a request, as pairs of name and value. */
export const headers = list.pipe(
  z.array(
    text.transform((given, context): [name: string, value: string] => {
      const [, name, value] = /^([\w-]+)\s*:\s*(\S.*)$/.exec(given) ?? [];
      if (name === undefined || value === undefined) return refuse(context, "write each as name: value");
      return [name.toLowerCase(), value];
    }),
  ),
);

/** A path in a JSON text: names and indices. */
export const answerPath = text.transform((given, context) => {
  return given === "" || /^\$(\.[\w-]+|\[\d+\])*$/.test(given) ? given : refuse(context);
});

export const listenAddress = text.transform((given, context) => {
  if (isIP(given) !== 0 || /^[\w.-]+$/.test(given)) return given;
  return refuse(context, "write the address alone, without a scheme, a port and brackets");
});

export const pathPrefix = text.transform((given, context) => {
  const path = given.replace(/\/+$/, "");
  if (/^\/socket\.io(\/|$)/.test(path)) {
    return refuse(context, "this server does not speak Socket.IO, and answers its path with 410: remove the variable");
  }
  return /^(\/[\w.-]+)*$/.test(path) ? path : refuse(context, given.startsWith("/") ? undefined : `write /${path}`);
});

export const folder = text.transform((given, context) => {
  if (given.startsWith("~")) return refuse(context, "~ is expanded by shells only: write the whole path");
  return /^\$[{\w]/.test(given) ? refuse(context, "variables in values are not expanded: write the whole path") : given;
});

/** The content of a PEM file, or nothing. */
export const pem = (kind: PemKind) =>
  text.transform((path, context) => {
    if (path === "") return "";
    const { content, problem } = readPem(path, kind);
    return problem === undefined ? content : refuse(context, problem);
  });

export const secret = (minLength: number) =>
  text.transform((given, context) => {
    if (given === "" || given.length >= minLength) return given;
    return refuse(context, `it has ${String(given.length)}; \`openssl rand -hex 32\` makes one`);
  });
