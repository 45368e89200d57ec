import { encode, sign } from "bolt11";
import { createHash, randomBytes } from "node:crypto";

/** Prefixes and address versions of BOLT 11. */
const addresses = { pubKeyHash: 0x6f, scriptHash: 0xc4, validWitnessVersions: [0, 1] };
const networks = { regtest: { bech32: "bcrt", ...addresses }, testnet: { bech32: "tb", ...addresses } };

/** An invoice and its preimage. */
export interface TestInvoice {
  invoice: string;
  /** In hexadecimal. */
  preimage: string;
  paymentHash: string;
}

interface Terms {
  /** Undefined: the payer chooses. */
  amountMsat: number | undefined;
  expirySeconds?: number;
  /** At most 639 bytes. */
  description?: string;
  /** In hexadecimal, in place of a description. */
  descriptionHash?: string;
  preimage?: string;
  network?: keyof typeof networks;
}

/** A signed invoice of a new wallet, by default on regtest. It cannot be paid. */
export function invoiceOf({
  amountMsat,
  expirySeconds = 600,
  description = "a tip",
  descriptionHash,
  preimage = randomBytes(32).toString("hex"),
  network: networkName = "regtest",
}: Terms): TestInvoice {
  const network = networks[networkName];
  const paymentHash = createHash("sha256").update(preimage, "hex").digest("hex");
  const unsigned = encode({
    network,
    ...(amountMsat !== undefined && { millisatoshis: String(amountMsat) }),
    timestamp: Math.floor(Date.now() / 1000),
    tags: [
      { tagName: "payment_hash", data: paymentHash },
      { tagName: "payment_secret", data: randomBytes(32).toString("hex") },
      descriptionHash === undefined
        ? { tagName: "description", data: description }
        : { tagName: "purpose_commit_hash", data: descriptionHash },
      { tagName: "expire_time", data: expirySeconds },
    ],
  });
  const { paymentRequest = "" } = sign(unsigned, randomBytes(32));
  return { invoice: paymentRequest, preimage, paymentHash };
}
