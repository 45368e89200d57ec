import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { rootCertificates } from "node:tls";
import type { Config } from "../config.js";
import { about, type Finding } from "./finding.js";

const { ok, warn, fail } = about("certificates");
const DAY_MS = 86_400_000;
/** Certificates are renewed a month ahead; less than this is left only if that failed. */
const LOW_DAYS = 14;
const SERVED = ["TLS_CERT_FILE", "INTERNAL_TLS_CERT_FILE"] as const;
const PEM = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g;

/** Checks validity, names and chain of the certificates that the server presents. */
export function checkCertificates(config: Config, nowMs: number): Finding[] {
  const given = SERVED.filter((variable) => config[variable] !== "");
  if (given.length === 0) return [ok("none are set: the listeners speak cleartext")];
  const hosts = [...config.CLIENT_URL, ...config.CLIENT_IP_URL]
    .map((origin) => new URL(origin))
    .filter(({ protocol }) => protocol === "https:")
    .map(({ hostname }) => hostname.replace(/^\[|\]$/g, ""));
  return given.flatMap((variable) => {
    const chain = (config[variable].match(PEM) ?? []).map((pem) => new X509Certificate(pem));
    const [leaf] = chain;
    if (leaf === undefined) return [];
    const names = variable === "TLS_CERT_FILE" ? checkNames(leaf, hosts) : [];
    return [checkValidity(variable, leaf, nowMs), ...names, ...checkChain(variable, chain)];
  });
}

function checkValidity(variable: string, { validFrom, validTo }: X509Certificate, nowMs: number): Finding {
  const days = Math.floor((Date.parse(validTo) - nowMs) / DAY_MS);
  if (Date.parse(validFrom) > nowMs) {
    return fail(`${variable} is not valid before ${validFrom}`, "check the clock of this machine, or renew it");
  }
  const text = `${variable} is valid until ${validTo}, ${String(days)} days`;
  if (days >= LOW_DAYS) return ok(text);
  return warn(text, "renew it, and send SIGHUP to the server (docs/operations.md)");
}

function checkNames(leaf: X509Certificate, hosts: readonly string[]): Finding[] {
  return [...new Set(hosts)].map((host) => {
    const isNamed = isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host);
    if (isNamed !== undefined) return ok(`it is for ${host}`);
    const text = `TLS_CERT_FILE is not for ${host} of CLIENT_URL, but for ${leaf.subjectAltName ?? leaf.subject}`;
    return warn(text, "right if another server presents its own certificate there; otherwise renew it with this name");
  });
}

/** Whether each certificate is signed by the next, and the last by an authority that Node.js and browsers know. */
function checkChain(variable: string, chain: readonly X509Certificate[]): Finding[] {
  const [leaf] = chain;
  const last = chain.at(-1);
  if (leaf === undefined || last === undefined) return [];
  if (leaf.checkIssued(leaf)) {
    const text = `${variable} is self-signed: browsers do not accept it without an exception`;
    return [warn(text, "get one from an authority, such as Let's Encrypt")];
  }
  const broken = chain.findIndex((one, index) => index > 0 && chain[index - 1]?.checkIssued(one) !== true);
  if (broken > 0) {
    const text = `${variable}: certificate ${String(broken)} is not signed by the one after it`;
    return [fail(text, "put the certificate first, then its intermediate certificates in order")];
  }
  const isKnown = rootCertificates.map((pem) => new X509Certificate(pem)).some((root) => last.checkIssued(root));
  if (isKnown) return [ok(`${variable} contains its whole chain`)];
  const text = `${variable}: its chain ends before an authority that is known publicly`;
  return [warn(text, "append the intermediate certificates (fullchain.pem), unless the authority is your own")];
}
