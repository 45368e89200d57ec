import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";

/** What a PEM file must contain. */
export type PemKind = "certificate" | "key";

/** Why a file cannot be read, by the code of the error. */
export const PROBLEMS: Partial<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "this process may not read it",
  EISDIR: "it is a folder",
};

/** Before a certificate expires, warnings begin this many milliseconds ahead. */
const EXPIRY_NOTICE_MS = 14 * 24 * 60 * 60_000;

const isKey = (content: string) => /-----BEGIN [\w ]*PRIVATE KEY-----/.test(content);
const isCertificate = (content: string) => /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/.test(content);

/** Reads a PEM file. The problem is a clause for the operator; undefined when the file can be used. */
export function readPem(path: string, kind: PemKind): { content: string; problem?: string } {
  try {
    const content = readFileSync(path, "utf8");
    const problem = kind === "key" ? problemOfKey(content) : problemOfCertificate(content);
    return problem === undefined ? { content } : { content, problem };
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    return { content: "", problem: PROBLEMS[code] ?? `it cannot be read (${code})` };
  }
}

function problemOfKey(content: string): string | undefined {
  if (/BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/.test(content)) {
    return "the key is encrypted: decrypt it, for example with `openssl pkey -in <file> -out <new file>`";
  }
  if (!isKey(content)) {
    return isCertificate(content) ? "it holds a certificate instead of a private key" : notPem("PRIVATE KEY");
  }
  return parses(() => createPrivateKey(content)) ? undefined : "its private key is damaged";
}

function problemOfCertificate(content: string): string | undefined {
  if (!isCertificate(content)) {
    return isKey(content) ? "it holds a private key instead of a certificate" : notPem("CERTIFICATE");
  }
  if (!parses(() => new X509Certificate(content))) return "its certificate is damaged";
  const { validTo } = new X509Certificate(content);
  return Date.parse(validTo) < Date.now() ? `its certificate expired on ${validTo}` : undefined;
}

function notPem(label: string): string {
  return `it is not PEM: it has no line "-----BEGIN ${label}-----"`;
}

function parses(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}

/** What is wrong with the variables of a valid certificate and a valid key; undefined when they can be used together. */
export function problemOfPair(cert: string, key: string, ca?: string): string | undefined {
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key)))
    return "do not belong together: the key is not that of the certificate";
  const isUsable = parses(() => createSecureContext({ cert, key, ...(ca !== undefined && { ca }) }));
  return isUsable ? undefined : "cannot be used: a certificate of the chain is damaged, or a key is too weak";
}

/** What an operator should know about a valid certificate; undefined when all is well. */
export function noticeOf(cert: string, nowMs = Date.now()): string | undefined {
  const { validFrom, validTo } = new X509Certificate(cert);
  if (Date.parse(validFrom) > nowMs) return `is not valid before ${validFrom}: see also the clock of this machine`;
  return Date.parse(validTo) - nowMs < EXPIRY_NOTICE_MS ? `expires on ${validTo}` : undefined;
}
