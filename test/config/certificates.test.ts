import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loadConfig, readConfig } from "../../src/config.js";
import { noticeOf } from "../../src/config/certificates.js";
import { type Certificate, encryptKey, expire, makeCertificate } from "../support/certificate.js";

let own: Certificate;
let other: Certificate;
let expired: Certificate;
let encrypted: string;
const folders: string[] = [];
beforeAll(async () => {
  [own, other, expired] = await Promise.all([makeCertificate(), makeCertificate(), makeCertificate()]);
  folders.push(own.folder, other.folder, expired.folder);
  await expire(expired);
  encrypted = await encryptKey(own);
});
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

function refusalOf(certFile: string, keyFile: string): string {
  try {
    loadConfig({ TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile });
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

async function file(name: string, content: string): Promise<string> {
  const path = join(own.folder, name);
  await writeFile(path, content);
  return path;
}

it("accepts a certificate with its key", () => {
  expect(loadConfig({ TLS_CERT_FILE: own.certFile, TLS_KEY_FILE: own.keyFile }).TLS_CERT_FILE).toBe(own.ca);
});

const CERT = "it must be a PEM file with a certificate";
const KEY = "it must be a PEM file with a private key";

it("names the variable of a file that cannot be read", () => {
  const path = join(own.folder, "none.pem");
  expect(refusalOf(path, own.keyFile)).toBe(`TLS_CERT_FILE=${path} is not allowed: ${CERT}; there is no such file`);
  expect(refusalOf(own.certFile, own.folder)).toBe(`TLS_KEY_FILE=${own.folder} is not allowed: ${KEY}; it is a folder`);
});

it("names the variable of a file that is empty, not PEM or damaged", async () => {
  const empty = await file("empty.pem", "");
  const begin = '; it is not PEM: it has no line "-----BEGIN';
  expect(refusalOf(empty, own.keyFile)).toBe(
    `TLS_CERT_FILE=${empty} is not allowed: ${CERT}${begin} CERTIFICATE-----"`,
  );
  expect(refusalOf(own.certFile, empty)).toBe(`TLS_KEY_FILE=${empty} is not allowed: ${KEY}${begin} PRIVATE KEY-----"`);
  const [cert, key] = await Promise.all([
    file("cut-cert.pem", own.ca.replace(/\n.{20}/, "\n")),
    file("cut-key.pem", own.key.replace(/\n.{20}/, "\n")),
  ]);
  expect(refusalOf(cert, key)).toBe(
    `TLS_CERT_FILE=${cert} is not allowed: ${CERT}; its certificate is damaged\n` +
      `TLS_KEY_FILE=${key} is not allowed: ${KEY}; its private key is damaged`,
  );
});

it("detects swapped certificate and key", () => {
  expect(refusalOf(own.keyFile, own.certFile).split("\n")).toEqual([
    `TLS_CERT_FILE=${own.keyFile} is not allowed: ${CERT}; it holds a private key instead of a certificate`,
    `TLS_KEY_FILE=${own.certFile} is not allowed: ${KEY}; it holds a certificate instead of a private key`,
  ]);
});

it("detects a foreign, encrypted or missing key", () => {
  expect(refusalOf(own.certFile, other.keyFile)).toBe(
    "TLS_CERT_FILE and TLS_KEY_FILE do not belong together: the key is not that of the certificate",
  );
  expect(refusalOf(own.certFile, encrypted)).toContain(
    `TLS_KEY_FILE=${encrypted} is not allowed: ${KEY}; the key is encrypted`,
  );
  expect(refusalOf(own.certFile, "")).toBe("TLS_CERT_FILE and TLS_KEY_FILE are required together");
  expect(refusalOf("", own.keyFile)).toBe("TLS_CERT_FILE and TLS_KEY_FILE are required together");
});

it("detects an expired certificate", () => {
  expect(refusalOf(expired.certFile, expired.keyFile)).toMatch(/^TLS_CERT_FILE=.*; its certificate expired on .* GMT$/);
});

it("warns of a certificate that expires soon", () => {
  const { warnings } = readConfig({ environment: { TLS_CERT_FILE: own.certFile, TLS_KEY_FILE: own.keyFile } });
  expect(warnings.join()).toMatch(/the certificate in TLS_CERT_FILE expires on .* GMT/);
  expect(noticeOf(own.ca, Date.now() - 7 * 24 * 60 * 60_000)).toMatch(/^is not valid before/);
});

it("requires all variables of mutual TLS", () => {
  const variables = {
    INTERNAL_HOST: "0.0.0.0",
    INTERNAL_TLS_CERT_FILE: own.certFile,
    INTERNAL_TLS_KEY_FILE: own.keyFile,
    INTERNAL_TLS_CA_FILE: other.certFile,
  };
  expect(loadConfig(variables).INTERNAL_TLS_CA_FILE).toBe(other.ca);
  const names = "INTERNAL_TLS_CERT_FILE, INTERNAL_TLS_KEY_FILE, INTERNAL_TLS_CA_FILE";
  expect(() => loadConfig({ ...variables, INTERNAL_TLS_CA_FILE: "" })).toThrow(`${names} are required together`);
  expect(() => loadConfig({ ...variables, INTERNAL_TLS_KEY_FILE: other.keyFile })).toThrow(
    "INTERNAL_TLS_CERT_FILE and INTERNAL_TLS_KEY_FILE do not belong together",
  );
});

it("binds the internal listener to other interfaces if requested", () => {
  for (const INTERNAL_HOST of ["0.0.0.0", "::", "10.0.0.5", "ops.example.com"]) {
    expect(() => loadConfig({ INTERNAL_HOST })).toThrow(/INTERNAL_HOST=.+ can be reached from elsewhere/);
    expect(loadConfig({ INTERNAL_HOST, INTERNAL_ALLOW_OPEN: "true" })).toMatchObject({ INTERNAL_HOST });
  }
  for (const INTERNAL_HOST of ["localhost", "127.0.0.1", "127.3.2.1", "::1"]) {
    expect(loadConfig({ INTERNAL_HOST })).toMatchObject({ INTERNAL_HOST });
  }
});
