import { execFile } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export interface Certificate {
  folder: string;
  certFile: string;
  keyFile: string;
  /** The self-signed certificate in PEM. */
  ca: string;
  /** Its private key in PEM. */
  key: string;
}

const openssl = (...args: string[]) => promisify(execFile)("openssl", args);

/** Signs the certificate again, expired since yesterday. */
export async function expire({ certFile, keyFile }: Certificate): Promise<void> {
  const request = `${certFile}.csr`;
  await openssl("req", "-new", "-key", keyFile, "-subj", "/CN=localhost", "-out", request);
  await openssl("x509", "-req", "-in", request, "-signkey", keyFile, "-days", "-1", "-out", certFile);
}

/** Writes the encrypted private key to a new file. */
export async function encryptKey({ keyFile }: Certificate): Promise<string> {
  const encrypted = `${keyFile}.encrypted`;
  await openssl("pkcs8", "-topk8", "-in", keyFile, "-passout", "pass:hunter2", "-out", encrypted);
  return encrypted;
}

/** A new self-signed certificate for an address and a common name, or several such as `ann/CN=bob`, in a new folder, created with OpenSSL. */
export async function makeCertificate(address = "127.0.0.1", name = "localhost"): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-tls-"));
  const [certFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyFile];
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=IP:${address},DNS:localhost`, "-days", "2"];
  await openssl("req", "-x509", ...newKey, "-out", certFile, ...subject);
  const [ca, key] = await Promise.all([readFile(certFile, "utf8"), readFile(keyFile, "utf8")]);
  return { folder, certFile, keyFile, ca, key };
}
