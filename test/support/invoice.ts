import { encode, sign } from "bolt11";
import { createHash, randomBytes } from "node:crypto";

/** Prefixes and address versions, as BOLT 11 has them for regtest. */
const regtest = { bech32: "bcrt", pubKeyHash: 0x6f, scriptHash: 0xc4, validWitnessVersions: [0, 1] };

/** An invoice and what only its payment reveals. */
export interface TestInvoice {
  invoice: string;
  /** In hexadecimal. */
  preimage: string;
  paymentHash: string;
}

interface Terms {
  amountMsat: number;
  expirySeconds?: number;
  preimage?: string;
}

/** An invoice of a wallet of its own on regtest, signed as one should be. Nobody would pay it. */
export function invoiceOf({ amountMsat, expirySeconds = 600, preimage = randomBytes(32).toString("hex") }: Terms) {
  const paymentHash = createHash("sha256").update(preimage, "hex").digest("hex");
  const unsigned = encode({
    network: regtest,
    millisatoshis: String(amountMsat),
    timestamp: Math.floor(Date.now() / 1000),
    tags: [
      { tagName: "payment_hash", data: paymentHash },
      { tagName: "payment_secret", data: randomBytes(32).toString("hex") },
      { tagName: "description", data: "a tip" },
      { tagName: "expire_time", data: expirySeconds },
    ],
  });
  const { paymentRequest = "" } = sign(unsigned, randomBytes(32));
  return { invoice: paymentRequest, preimage, paymentHash } satisfies TestInvoice;
}
