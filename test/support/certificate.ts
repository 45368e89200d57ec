import { execFile } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export interface Certificate {
  folder: string;
  certFile: string;
  keyFile: string;
  /** The certificate in PEM; trusting it means trusting itself. */
  ca: string;
  /** Its private key in PEM. */
  key: string;
}

/** A fresh self-signed certificate for 127.0.0.1 in a folder of its own, made by OpenSSL. */
export async function makeCertificate(): Promise<Certificate> {
  const folder = await mkdtemp(join(tmpdir(), "satoshigle-tls-"));
  const [certFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyFile];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-days", "2"];
  await promisify(execFile)("openssl", ["req", "-x509", ...newKey, "-out", certFile, ...subject]);
  const [ca, key] = await Promise.all([readFile(certFile, "utf8"), readFile(keyFile, "utf8")]);
  return { folder, certFile, keyFile, ca, key };
}
