import {
  type Invoice,
  Invoice_InvoiceState as InvoiceState,
  InvoiceHTLCState,
} from "../../../gen/lnrpc/lightning_pb.js";
import { type HeldPayment, type HoldTerms, NodeRefusal } from "../../ports/lightning-node.js";
import type { LndConnection } from "./connection.js";
import { answerOf, isUnknownInvoice } from "./errors.js";

const STATES: Record<InvoiceState, HeldPayment["state"]> = {
  [InvoiceState.OPEN]: "open",
  [InvoiceState.ACCEPTED]: "held",
  [InvoiceState.SETTLED]: "settled",
  [InvoiceState.CANCELED]: "cancelled",
};

/** The hold invoices of LND. */
export class LndHolds {
  constructor(
    readonly connection: LndConnection,
    readonly timeoutMs: number,
  ) {}

  async add({ paymentHash, amountMsat, memo, expirySeconds, minFinalCltvDelta }: HoldTerms): Promise<string> {
    const hash = Buffer.from(paymentHash, "hex");
    const amounts = {
      valueMsat: BigInt(amountMsat),
      expiry: BigInt(expirySeconds),
      cltvExpiry: BigInt(minFinalCltvDelta),
    };
    try {
      // Private: or nobody finds a node whose channels are all unannounced.
      const terms = { hash, memo, ...amounts, private: true };
      return (await answerOf(this.connection.invoices.addHoldInvoice(terms, this.#options()))).paymentRequest;
    } catch (error) {
      if (!(error instanceof NodeRefusal) || !/already exists/i.test(error.message)) throw error;
      const known = await this.#lookUp(paymentHash);
      if (known?.valueMsat !== BigInt(amountMsat)) throw error;
      return known.paymentRequest;
    }
  }

  async find(paymentHash: string): Promise<HeldPayment | undefined> {
    const found = await this.#lookUp(paymentHash);
    if (found === undefined) return undefined;
    const held = found.htlcs.filter(({ state }) => state === InvoiceHTLCState.ACCEPTED);
    const heights = held.map(({ expiryHeight }) => expiryHeight);
    const state = STATES[found.state];
    const expiryHeight = state === "held" && heights.length > 0 ? Math.min(...heights) : undefined;
    return { state, amountMsat: Number(found.valueMsat), expiryHeight };
  }

  async settle(preimage: string): Promise<void> {
    const bytes = Buffer.from(preimage, "hex");
    await answerOf(this.connection.invoices.settleInvoice({ preimage: bytes }, this.#options()));
  }

  async cancel(paymentHash: string): Promise<void> {
    const hash = Buffer.from(paymentHash, "hex");
    await answerOf(this.connection.invoices.cancelInvoice({ paymentHash: hash }, this.#options()));
  }

  async #lookUp(paymentHash: string): Promise<Invoice | undefined> {
    const value = Buffer.from(paymentHash, "hex");
    try {
      const reference = { invoiceRef: { case: "paymentHash" as const, value } };
      return await answerOf(this.connection.invoices.lookupInvoiceV2(reference, this.#options()));
    } catch (error) {
      if (error instanceof NodeRefusal && isUnknownInvoice(error)) return undefined;
      throw error;
    }
  }

  #options() {
    return { timeoutMs: this.timeoutMs };
  }
}
