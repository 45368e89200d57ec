import { createHash } from "node:crypto";
import * as ldk from "lightningdevkit";
import { type HeldPayment, type HoldTerms, NodeRefusal } from "../../../src/ports/lightning-node.js";
import { hex, unhex } from "./hex.js";

interface Hold {
  terms: HoldTerms;
  invoice: string;
  state: HeldPayment["state"];
}

/** Hold invoices of a node of the kit, which leaves it to its user when a payment is taken. */
export class LdkHolds {
  readonly #holds = new Map<string, Hold>();

  add(manager: ldk.ChannelManager, terms: HoldTerms): string {
    const known = this.#holds.get(terms.paymentHash);
    if (known?.terms.amountMsat === terms.amountMsat) return known.invoice;
    if (known !== undefined) throw new NodeRefusal("invoice with payment hash already exists");
    const made = ldk.UtilMethods.constructor_create_invoice_from_channelmanager_with_payment_hash(
      ...([manager, ldk.Option_u64Z.constructor_some(BigInt(terms.amountMsat)), terms.memo] as const),
      ...([terms.expirySeconds, unhex(terms.paymentHash)] as const),
      ldk.Option_u16Z.constructor_some(terms.minFinalCltvDelta),
    );
    if (!(made instanceof ldk.Result_Bolt11InvoiceSignOrCreationErrorZ_OK))
      throw new NodeRefusal("no invoice can be created");
    const invoice = made.res.to_str();
    this.#holds.set(terms.paymentHash, { terms, invoice, state: "open" });
    return invoice;
  }

  find(manager: ldk.ChannelManager, paymentHash: string): HeldPayment | undefined {
    const hold = this.#holds.get(paymentHash);
    if (hold === undefined) return undefined;
    const { amountMsat } = hold.terms;
    if (hold.state !== "held") return { state: hold.state, amountMsat };
    const heights = manager
      .list_channels()
      .flatMap((channel) => channel.get_pending_inbound_htlcs())
      .filter((htlc) => hex(htlc.get_payment_hash()) === paymentHash)
      .map((htlc) => htlc.get_cltv_expiry());
    // The kit returns a payment by itself before it expires.
    if (heights.length === 0) return { state: (hold.state = "cancelled"), amountMsat };
    return { state: "held", amountMsat, expiryHeight: Math.min(...heights) };
  }

  settle(manager: ldk.ChannelManager, preimage: string): void {
    const paymentHash = createHash("sha256").update(preimage, "hex").digest("hex");
    const state = this.find(manager, paymentHash)?.state;
    if (state === "settled") return;
    if (state === undefined) throw new NodeRefusal("unable to locate invoice");
    if (state === "open") throw new NodeRefusal("invoice still open");
    if (state === "cancelled") throw new NodeRefusal("invoice already canceled");
    manager.claim_funds(unhex(preimage));
    this.#become(paymentHash, "settled");
  }

  cancel(manager: ldk.ChannelManager, paymentHash: string): void {
    const state = this.find(manager, paymentHash)?.state;
    if (state === undefined) throw new NodeRefusal("unable to locate invoice");
    if (state === "settled") throw new NodeRefusal("invoice already settled");
    if (state === "held") manager.fail_htlc_backwards(unhex(paymentHash));
    this.#become(paymentHash, "cancelled");
  }

  /** Holds a payment that has arrived. Returns false if it is for another invoice. */
  arrived(manager: ldk.ChannelManager, { payment_hash: hash }: ldk.Event_PaymentClaimable): boolean {
    const hold = this.#holds.get(hex(hash));
    if (hold === undefined) return false;
    if (hold.state === "cancelled") manager.fail_htlc_backwards(hash);
    else if (hold.state === "open") hold.state = "held";
    return true;
  }

  #become(paymentHash: string, state: HeldPayment["state"]): void {
    const hold = this.#holds.get(paymentHash);
    if (hold !== undefined) hold.state = state;
  }
}
