import * as ldk from "lightningdevkit";
import { buildEngine, Disk, type Engine } from "./engine.js";
import { hex, unhex } from "./hex.js";

/** A payment that has definitely failed: the payer keeps its money. */
export class PaymentFailed extends Error {
  override readonly name = "PaymentFailed";
}

/** A payment as seen by one of its two nodes. */
export interface Payment {
  direction: "incoming" | "outgoing";
  /** `held`: it has arrived and is neither claimed nor canceled. `pending`: it is under way. */
  state: "unpaid" | "pending" | "held" | "settled" | "failed";
  paymentHash: string;
  amountMsat: number;
  invoice: string;
  memo: string;
  createdMs: number;
  expiresMs: number;
  /** Once it is settled, in hexadecimal. */
  preimage?: string;
  settledMs?: number;
}

/** Interval between checks for work that the kit did not announce, in milliseconds. */
const TICK_MS = 250;

/** A Lightning node on loopback, used as a wallet. */
export class LightningNode {
  readonly engine: Engine;
  readonly id: string;
  /** Sees every event first. Returns true for one that the node shall not act on. */
  onEvent: (event: ldk.Event) => boolean = () => false;
  /** Called for every event that is not about a payment. */
  onChannelEvent: (event: ldk.Event) => void = () => undefined;
  /** Called when an incoming payment was claimed. */
  onReceived: (payment: Readonly<Payment>) => void = () => undefined;
  readonly #payments = new Map<string, Payment>();
  readonly #awaited = new Map<string, Outcome>();
  readonly #events: ldk.EventHandler;
  readonly #announced: ldk.FutureCallback;
  readonly #ticking = setInterval(() => this.#work(), TICK_MS);
  #holds = false;
  #hasForwards = false;
  #isDue = false;
  #isListening = false;
  #isClosed = false;

  /** The kit must be loaded. Channels need a regtest chain; on other networks a node only creates invoices. */
  constructor(network = ldk.Network.LDKNetwork_Regtest, disk = new Disk()) {
    this.engine = buildEngine(network, disk);
    this.id = hex(this.engine.manager.get_our_node_id());
    this.#events = ldk.EventHandler.new_impl({
      handle_event: (event) => {
        this.#handle(event);
        return ldk.Result_NoneReplayEventZ.constructor_ok();
      },
    });
    this.#announced = ldk.FutureCallback.new_impl({
      call: () => {
        this.#isListening = false;
        this.workSoon();
      },
    });
    this.#listen();
  }

  /** An invoice (BOLT 11) for an exact amount. */
  makeInvoice(amountMsat: number, memo = "", expirySeconds = 3600): string {
    const none = ldk.Option_u16Z.constructor_none();
    const amount = ldk.Option_u64Z.constructor_some(BigInt(amountMsat));
    const { manager } = this.engine;
    const made = ldk.UtilMethods.constructor_create_invoice_from_channelmanager(
      ...([manager, amount, memo, expirySeconds, none] as const),
    );
    if (!(made instanceof ldk.Result_Bolt11InvoiceSignOrCreationErrorZ_OK)) throw new Error("no invoice was created");
    this.#note("incoming", "unpaid", made.res, memo);
    return made.res.to_str();
  }

  /**
   * Pays an invoice. Returns the preimage in hexadecimal.
   * @throws PaymentFailed if the payment has definitely failed
   * @throws Error if the invoice cannot be paid, or is already being paid
   */
  async pay(bolt11: string): Promise<string> {
    const read = ldk.Bolt11Invoice.constructor_from_str(bolt11);
    if (!(read instanceof ldk.Result_Bolt11InvoiceParseOrSemanticErrorZ_OK)) throw new Error("not an invoice");
    const hash = hex(read.res.payment_hash());
    const known = this.#payments.get(hash);
    if (known !== undefined && known.state !== "failed") throw new Error(`this payment is already ${known.state}`);
    const how = ldk.UtilMethods.constructor_payment_parameters_from_invoice(read.res);
    if (!(how instanceof ldk.Result_C3Tuple_ThirtyTwoBytesRecipientOnionFieldsRouteParametersZNoneZ_OK))
      throw new Error("the invoice names no amount");
    const [bytes, fields, route] = [how.res.get_a(), how.res.get_b(), how.res.get_c()];
    const once = ldk.Retry.constructor_attempts(0);
    const payment = this.#note("outgoing", "pending", read.res, "");
    return new Promise((resolve, reject) => {
      this.#awaited.set(hash, { resolve, reject });
      const sent = this.engine.manager.send_payment(bytes, fields, bytes, route, once);
      if (!sent.is_ok()) this.#fail(payment, "there is no route to the payee");
      this.workSoon();
    });
  }

  /** Holds incoming payments: they are neither claimed nor canceled, so that their payers wait. */
  hold(): void {
    this.#holds = true;
  }

  /** Claims held payments and all further ones. */
  release(): void {
    this.#holds = false;
    for (const payment of this.#held()) this.#claim(payment);
    this.workSoon();
  }

  /** Cancels held payments; further ones are still held. */
  refuse(): void {
    for (const payment of this.#held()) {
      payment.state = "failed";
      this.engine.manager.fail_htlc_backwards(unhex(payment.paymentHash));
    }
    this.workSoon();
  }

  find(paymentHash: string): Readonly<Payment> | undefined {
    return this.#payments.get(paymentHash);
  }

  payments(): Readonly<Payment>[] {
    return [...this.#payments.values()];
  }

  /** The spendable balance of this node, in millisatoshis. */
  get spendableMsat(): number {
    const channels = this.engine.manager.list_usable_channels();
    return channels.reduce((sum, channel) => sum + Number(channel.get_outbound_capacity_msat()), 0);
  }

  /** Releases all timers and sockets. Pending payments are rejected with an unknown outcome. */
  close(): void {
    this.#isClosed = true;
    clearInterval(this.#ticking);
    this.engine.net.stop();
    for (const { reject } of this.#awaited.values()) reject(new Error("the wallet was closed"));
    this.#awaited.clear();
  }

  /** Schedules work for after the current call, as the kit must not be called from its own callbacks. */
  workSoon(): void {
    if (this.#isDue || this.#isClosed) return;
    this.#isDue = true;
    setImmediate(() => this.#work());
  }

  #work(): void {
    this.#isDue = false;
    if (this.#isClosed) return;
    const { manager, monitor, net } = this.engine;
    if (this.#hasForwards) {
      this.#hasForwards = false;
      manager.process_pending_htlc_forwards();
    }
    manager.as_EventsProvider().process_pending_events(this.#events);
    monitor.as_EventsProvider().process_pending_events(this.#events);
    net.process_events();
    if (!this.#isListening) this.#listen();
  }

  /** A callback is called once, so another one is registered each time. */
  #listen(): void {
    this.#isListening = true;
    this.engine.manager.get_event_or_persistence_needed_future().register_callback_fn(this.#announced);
  }

  #handle(event: ldk.Event): void {
    if (this.onEvent(event)) {
      this.workSoon();
      return;
    }
    if (event instanceof ldk.Event_PaymentClaimable) this.#arrived(event);
    else if (event instanceof ldk.Event_PaymentClaimed) this.#settle(hex(event.payment_hash));
    else if (event instanceof ldk.Event_PaymentSent) this.#sent(event);
    else if (event instanceof ldk.Event_PaymentFailed) this.#failed(event);
    else if (event instanceof ldk.Event_PendingHTLCsForwardable) this.#hasForwards = true;
    else this.onChannelEvent(event);
    this.workSoon();
  }

  #arrived({ payment_hash: hash, purpose }: ldk.Event_PaymentClaimable): void {
    const payment = this.#payments.get(hex(hash));
    if (payment === undefined || !(purpose instanceof ldk.PaymentPurpose_Bolt11InvoicePayment)) return;
    payment.state = "held";
    const preimage = purpose.payment_preimage;
    if (preimage instanceof ldk.Option_ThirtyTwoBytesZ_Some) payment.preimage = hex(preimage.some);
    if (!this.#holds) this.#claim(payment);
  }

  #claim({ preimage }: Payment): void {
    if (preimage !== undefined) this.engine.manager.claim_funds(unhex(preimage));
  }

  #sent({ payment_hash: hash, payment_preimage: preimage }: ldk.Event_PaymentSent): void {
    this.#settle(hex(hash), hex(preimage));
    this.#awaited.get(hex(hash))?.resolve(hex(preimage));
    this.#awaited.delete(hex(hash));
  }

  #settle(hash: string, preimage?: string): void {
    const payment = this.#payments.get(hash);
    if (payment === undefined) return;
    Object.assign(payment, { state: "settled", settledMs: Date.now() }, preimage === undefined ? {} : { preimage });
    if (payment.direction === "incoming") this.onReceived(payment);
  }

  #failed({ payment_id: id }: ldk.Event_PaymentFailed): void {
    const payment = this.#payments.get(hex(id));
    if (payment !== undefined) this.#fail(payment, "the payee refused it or cannot be reached");
  }

  #fail(payment: Payment, why: string): void {
    payment.state = "failed";
    this.#awaited.get(payment.paymentHash)?.reject(new PaymentFailed(`the payment failed: ${why}`));
    this.#awaited.delete(payment.paymentHash);
  }

  #held(): Payment[] {
    return [...this.#payments.values()].filter(({ state }) => state === "held");
  }

  #note(direction: Payment["direction"], state: Payment["state"], invoice: ldk.Bolt11Invoice, memo: string): Payment {
    const paymentHash = hex(invoice.payment_hash());
    const amount = invoice.amount_milli_satoshis();
    const amountMsat = amount instanceof ldk.Option_u64Z_Some ? Number(amount.some) : 0;
    const createdMs = Number(invoice.duration_since_epoch()) * 1000;
    const expiresMs = createdMs + Number(invoice.expiry_time()) * 1000;
    const times = { createdMs, expiresMs };
    const payment = { direction, state, paymentHash, amountMsat, invoice: invoice.to_str(), memo, ...times };
    this.#payments.set(paymentHash, payment);
    return payment;
  }
}

interface Outcome {
  resolve: (preimage: string) => void;
  reject: (error: Error) => void;
}
