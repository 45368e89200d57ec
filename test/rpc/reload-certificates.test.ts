import { copyFile, rm } from "node:fs/promises";
import { connect } from "node:tls";
import { once } from "node:events";
import { pino } from "pino";
import { afterAll, beforeAll, expect, it } from "vitest";
import { reloadCertificates } from "../../src/certificates.js";
import { loadConfig } from "../../src/config.js";
import { type Certificate, makeCertificate } from "../support/certificate.js";
import { startServer } from "../support/server.js";

let inUse: Certificate;
let renewed: Certificate;
beforeAll(async () => {
  [inUse, renewed] = await Promise.all([makeCertificate(), makeCertificate()]);
});
afterAll(() => Promise.all([inUse, renewed].map(({ folder }) => rm(folder, { recursive: true }))));

/** The certificate that a new connection receives. */
async function served(port: number, protocol: string, client: { key: string; cert: string }): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", ALPNProtocols: [protocol], rejectUnauthorized: false, ...client });
  await once(socket, "secureConnect");
  expect(socket.alpnProtocol).toBe(protocol);
  const pem = socket.getPeerX509Certificate()?.toString() ?? "";
  socket.destroy();
  return pem;
}

it("serves renewed certificates on both listeners, and keeps the old ones if the new ones are invalid", async () => {
  const { certFile, keyFile } = inUse;
  const variables = {
    ...{ TLS_CERT_FILE: certFile, TLS_KEY_FILE: keyFile },
    ...{ INTERNAL_TLS_CERT_FILE: certFile, INTERNAL_TLS_KEY_FILE: keyFile, INTERNAL_TLS_CA_FILE: certFile },
  };
  const server = await startServer(variables);
  let log = "";
  const logger = pino({}, { write: (line: string) => (log += line) });
  const reload = () => reloadCertificates(server.server, () => loadConfig(variables), logger);
  const all = async (client: Certificate) => {
    const own = { key: client.key, cert: client.ca };
    const found: string[] = [];
    for (const port of [server.port, server.internalPort]) {
      for (const protocol of ["http/1.1", "h2"]) found.push(await served(port, protocol, own));
    }
    return found;
  };
  expect(await all(inUse)).toEqual(Array(4).fill(inUse.ca));
  await copyFile(renewed.certFile, certFile);
  reload();
  expect(log).toContain("certificates were not reloaded, and those in use stay");
  expect(log).toContain("TLS_CERT_FILE and TLS_KEY_FILE do not belong together");
  expect(await all(inUse)).toEqual(Array(4).fill(inUse.ca));
  await copyFile(renewed.keyFile, keyFile);
  reload();
  expect(log).toContain("certificates of the public and internal listener were reloaded");
  expect(await all(renewed)).toEqual(Array(4).fill(renewed.ca));
  await server.close();
});
