import { createHash } from "node:crypto";
import {
  type HeldPayment,
  type HoldTerms,
  type LightningNode,
  NodeAway,
  type NodeInfo,
  NodeRefusal,
} from "../../../src/ports/lightning-node.js";

const INFO: Omit<NodeInfo, "blockHeight"> = {
  ...{ nodeId: "02".padEnd(66, "a"), alias: "", version: "test", network: "regtest" },
  ...{ isSynced: true, storesCommandIds: true },
};

/** What the use case of deposits asks of a node, and what happens at the node meanwhile. Channels are left out. */
export class HoldNode {
  height = 100;
  isAway = false;
  /** Why it refuses everything, if it does. */
  refusal = "";
  /** Payments that were taken or returned, with their hash. */
  readonly outcomes: string[] = [];
  readonly #payments = new Map<string, HeldPayment>();

  get node(): LightningNode {
    return this as unknown as LightningNode;
  }

  /** The payer's wallet pays. */
  pay(paymentHash: string, blocksLeft = 144): void {
    const payment = this.#payments.get(paymentHash);
    if (payment?.state !== "open") throw new Error("this invoice cannot be paid");
    Object.assign(payment, { state: "held", expiryHeight: this.height + blocksLeft });
  }

  /** Ends a payment without being asked to. */
  end(paymentHash: string, state: "settled" | "cancelled"): void {
    Object.assign(this.#payments.get(paymentHash) ?? {}, { state });
  }

  info(): Promise<NodeInfo> {
    return this.#answer(() => ({ ...INFO, blockHeight: this.height }));
  }

  addHoldInvoice({ paymentHash, amountMsat }: HoldTerms): Promise<{ invoice: string }> {
    return this.#answer(() => {
      if (!this.#payments.has(paymentHash)) this.#payments.set(paymentHash, { state: "open", amountMsat });
      return { invoice: `lnbcrt-${paymentHash}` };
    });
  }

  holdInvoice(paymentHash: string): Promise<HeldPayment | undefined> {
    return this.#answer(() => this.#payments.get(paymentHash));
  }

  settle(preimage: string): Promise<void> {
    return this.#answer(() => {
      this.#finish(createHash("sha256").update(Buffer.from(preimage, "hex")).digest("hex"), "settled");
    });
  }

  cancel(paymentHash: string): Promise<void> {
    return this.#answer(() => {
      this.#finish(paymentHash, "cancelled");
    });
  }

  #finish(paymentHash: string, state: "settled" | "cancelled"): void {
    const payment = this.#payments.get(paymentHash);
    if (payment === undefined) throw new NodeRefusal("unknown invoice");
    if (payment.state === state) return;
    if (state === "settled" ? payment.state !== "held" : payment.state === "settled") {
      throw new NodeRefusal(`the invoice is ${payment.state}`);
    }
    payment.state = state;
    this.outcomes.push(`${state} ${paymentHash}`);
  }

  #answer<T>(act: () => T): Promise<T> {
    if (this.isAway) return Promise.reject(new NodeAway("the node does not answer"));
    if (this.refusal !== "") return Promise.reject(new NodeRefusal(this.refusal));
    return Promise.resolve().then(act);
  }
}
