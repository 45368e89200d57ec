import { defineConfig } from "vitest/config";

/** What the suite takes, by variable. */
const needed = {
  LND_URL: "gRPC of the LND to test, on regtest, such as https://127.0.0.1:10009",
  LND_TLS_CERT_FILE: "its tls.cert",
  LND_MACAROON_FILE: "its admin.macaroon",
  LND_PEER_URL: "gRPC of a second LND, which accepts channels and pays",
  LND_PEER_TLS_CERT_FILE: "its tls.cert",
  LND_PEER_MACAROON_FILE: "its admin.macaroon",
  LND_PEER_ADDRESS: "host:port on which the first LND reaches the second one",
  BITCOIND_URL: "RPC of the bitcoind of both, to mine with, such as http://user:password@127.0.0.1:18443",
};

const missing = Object.entries(needed).filter(([name]) => (process.env[name] ?? "") === "");
if (missing.length > 0) {
  const lines = missing.map(([name, what]) => `  ${name}: ${what}`);
  console.error(`Nothing was tested against LND. Set what is missing:\n${lines.join("\n")}`);
  process.exit(1);
}

export default defineConfig({
  test: { name: "lnd", include: ["test/lnd/contract.ts"], testTimeout: 900_000, hookTimeout: 300_000 },
});
