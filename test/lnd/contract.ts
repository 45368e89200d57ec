import { readFileSync } from "node:fs";
import { describe } from "vitest";
import { lightningNodeContract } from "../contract/lightning-node/index.js";
import { lndHarness } from "../support/lightning/lnd-harness.js";

const given = (name: string) => process.env[name] ?? "";

/** What `vitest.config.ts` has checked is there. */
function access(prefix: string) {
  return {
    url: given(`${prefix}_URL`),
    certificate: readFileSync(given(`${prefix}_TLS_CERT_FILE`), "utf8"),
    macaroon: readFileSync(given(`${prefix}_MACAROON_FILE`)).toString("hex"),
  };
}

describe("LND", () => {
  lightningNodeContract(() =>
    lndHarness({
      node: access("LND"),
      peer: { ...access("LND_PEER"), address: given("LND_PEER_ADDRESS") },
      bitcoindUrl: given("BITCOIND_URL"),
    }),
  );
});
