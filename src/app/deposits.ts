import { createHash, createHmac } from "node:crypto";
import { depositAudit } from "../core/audit.js";
import type { Moderator } from "../core/case.js";
import {
  admits,
  arrived,
  askedFor,
  type Deposit,
  depositUnknown,
  ended,
  FINAL_CLTV_DELTA,
  forfeiting,
  INVOICE_MS,
  left,
  releasing,
  reported,
  returned,
  vouches,
  waivedFor,
} from "../core/deposit.js";
import { DomainError } from "../core/errors.js";
import type { DepositId, SessionId } from "../core/ids.js";
import { limits } from "../core/limits.js";
import type { CaseStore } from "../ports/case-store.js";
import type { Clock } from "../ports/clock.js";
import type { DepositStore, StoredDeposit } from "../ports/deposit-store.js";
import { type LightningNode, NodeAway, NodeRefusal } from "../ports/lightning-node.js";
import type { DepositMeter } from "../ports/meter.js";
import type { Random } from "../ports/random.js";
import { type Caller, sessionOf } from "./caller.js";
import { SharedCalls } from "./shared-calls.js";
import { type Page, pageOf, NEWEST } from "./pagination.js";

export interface DepositSettings {
  amountSat: number;
  /** What happens to newcomers while the node does not answer. */
  whenNodeAway: "admit" | "refuse";
}

export interface DepositsDependencies {
  node: LightningNode;
  deposits: DepositStore;
  /** The audit log. */
  log: Pick<CaseStore, "logAct">;
  clock: Clock;
  random: Random;
  meter: DepositMeter;
  /** Derives the preimages, which are therefore stored nowhere. */
  secret: string;
  /** The ID of this run of this instance. */
  instance: string;
  settings: DepositSettings;
}

/** How long a client waits before it asks again for what the node refuses, in milliseconds. */
const RETRY_MS = 30_000;
/** How many sessions that need no deposit are remembered. */
const MAX_ADMITTED = 100_000;

/** Asks newcomers for a refundable payment before their first match. */
export class Deposits {
  /** Sessions whose browser was vouched for here. A later deposit of that browser does not make them newcomers again. */
  readonly #admitted = new Set<SessionId>();

  /** Clients ask as often as they like, which must not reach the node. */
  readonly #invoices: SharedCalls<DepositId, Deposit>;
  readonly #looks: SharedCalls<DepositId, StoredDeposit>;

  constructor(private readonly deps: DepositsDependencies) {
    this.#invoices = new SharedCalls(deps.clock);
    this.#looks = new SharedCalls(deps.clock);
  }

  /**
   * Lets a session be matched if it needs no deposit or has paid one.
   * @throws DomainError `deposit_required`
   */
  async admit(caller: Caller): Promise<void> {
    const sessionId = sessionOf(caller);
    if (caller.person !== undefined || this.#admitted.has(sessionId)) return; // the app vouches for its people
    if (await this.#isVouchedFor(caller, sessionId)) {
      this.#remember(sessionId);
      return;
    }
    const own = await this.deps.deposits.latest({ sessionId });
    if (own !== undefined && admits(await this.#lookedAt(own))) return;
    const amount = String(this.deps.settings.amountSat);
    throw new DomainError(
      "deposit_required",
      `a deposit of ${amount} sat is needed before the first match: call RequestDeposit`,
    );
  }

  /**
   * Returns the open deposit of the caller, or asks the node for one. Idempotent while it is open.
   * @throws DomainError `node_away`, `node_refused`, `limit_reached`
   */
  async request(caller: Caller): Promise<Deposit> {
    const { deposits, clock, random, settings, secret, instance } = this.deps;
    const sessionId = sessionOf(caller);
    const latest = await deposits.latest({ sessionId });
    if (latest !== undefined) {
      const deposit = await this.#lookedAt(latest);
      if (admits(deposit)) return deposit;
      if (deposit.state === "asked" && clock.nowMs() >= deposit.invoiceExpiresMs) await this.#lapse(deposit);
    }
    const id = random.id() as DepositId;
    const paymentHash = hashOf(preimageOf(secret, id));
    const terms = { id, sessionId, device: caller.device, instance, amountSat: settings.amountSat, paymentHash };
    const added = await deposits.add(askedFor(terms, clock.nowMs()), limits.keptDeposits);
    if (added.state === "full") {
      throw new DomainError("limit_reached", "no more deposits can be stored for now", { retryAfterMs: RETRY_MS });
    }
    if (added.state === "added") this.deps.meter.deposited("asked");
    return this.#invoices.make(added.deposit.id, () => this.#withInvoice(added.deposit));
  }

  /** Returns the latest deposit of the caller. @throws DomainError `deposit_unknown` */
  async own(caller: Caller): Promise<Deposit> {
    const latest = await this.deps.deposits.latest({ sessionId: sessionOf(caller) });
    if (latest === undefined) throw depositUnknown();
    return this.#lookedAt(latest);
  }

  /** The session was reported. */
  async reported(sessionId: SessionId): Promise<void> {
    await this.#changeLatest(sessionId, reported);
  }

  /** The person left the search or the match, and does not want to go on. */
  async left(sessionId: SessionId): Promise<void> {
    await this.#changeLatest(sessionId, (deposit) => left(deposit, this.deps.clock.nowMs()));
  }

  async list(size: number, before: number | undefined): Promise<Page<StoredDeposit>> {
    return pageOf(await this.deps.deposits.before(before ?? NEWEST, size), size);
  }

  /**
   * Keeps a held deposit. Not done unless it is logged. Idempotent.
   * @throws DomainError `deposit_unknown`, `deposit_over`
   */
  async forfeit(id: DepositId, by: Moderator): Promise<Deposit> {
    return this.#decide(id, forfeiting, () => depositAudit("deposit_forfeited", id, by));
  }

  /** Returns a held deposit. Idempotent. @throws DomainError `deposit_unknown`, `deposit_over` */
  async release(id: DepositId, by: Moderator): Promise<Deposit> {
    return this.#decide(id, returned, () => depositAudit("deposit_returned", id, by));
  }

  /**
   * Does what was decided about a deposit; one that is not paid is cancelled. Idempotent, and safe on several instances.
   * @throws NodeAway, NodeRefusal
   */
  async carryOut(deposit: StoredDeposit): Promise<void> {
    const { node, deposits, clock, secret, meter } = this.deps;
    if (deposit.state === "forfeiting") await node.settle(preimageOf(secret, deposit.id));
    else if (deposit.invoice !== "") await node.cancel(deposit.paymentHash);
    const done = ended(deposit, clock.nowMs());
    const changed = await deposits.change(done, deposit.number);
    if (changed.state === "changed") meter.deposited(done.state);
  }

  /**
   * Ends a deposit as the node says it ended, after it refused to do what was decided: a payment returns by itself when
   * it expires. Returns whether it has ended.
   */
  async endAsNodeSays(deposit: StoredDeposit): Promise<boolean> {
    const { node, deposits, clock, meter } = this.deps;
    const payment = await node.holdInvoice(deposit.paymentHash);
    if (payment?.state === "held" || payment?.state === "open") return false;
    const state = payment?.state === "settled" ? "forfeited" : "released";
    const changed = await deposits.change({ ...ended(deposit, clock.nowMs()), state }, deposit.number);
    if (changed.state === "changed") meter.deposited(state);
    return changed.state === "changed";
  }

  /** Looks whether a deposit was paid, and stores that it was. @throws NodeAway */
  async look(deposit: StoredDeposit): Promise<StoredDeposit> {
    const { node, deposits, clock, meter } = this.deps;
    const payment = await node.holdInvoice(deposit.paymentHash);
    if (payment?.state !== "held") return deposit;
    const changed = await deposits.change(arrived(deposit, payment.expiryHeight, clock.nowMs()), deposit.number);
    if (changed.state === "changed") {
      meter.deposited("held");
      return changed.deposit;
    }
    return (await deposits.get(deposit.id)) ?? deposit;
  }

  async #isVouchedFor({ device }: Caller, sessionId: SessionId): Promise<boolean> {
    if (device === undefined) return false;
    const latest = await this.deps.deposits.latest({ device });
    return latest !== undefined && latest.sessionId !== sessionId && vouches(latest, this.deps.clock.nowMs());
  }

  /** A deposit whose payment is pending may have arrived. If the node is away, it has not been seen yet. */
  async #lookedAt(deposit: StoredDeposit): Promise<StoredDeposit> {
    if (deposit.state !== "asked" || deposit.invoice === "") return deposit;
    return this.#looks
      .make(deposit.id, () => this.look(deposit))
      .catch((error: unknown) => {
        if (isOfNode(error)) return deposit;
        throw error;
      });
  }

  /** Ends a deposit that was not paid in time. If the node is away, the upkeep does so later. */
  async #lapse(deposit: StoredDeposit): Promise<void> {
    await this.carryOut(deposit).catch((error: unknown) => {
      if (!isOfNode(error)) throw error;
    });
  }

  /** Asks the node for the invoice of a stored deposit; an earlier call may have failed to. */
  async #withInvoice(deposit: StoredDeposit): Promise<Deposit> {
    if (deposit.state !== "asked" || deposit.invoice !== "") return deposit;
    const { node, deposits } = this.deps;
    try {
      const { invoice } = await node.addHoldInvoice({
        paymentHash: deposit.paymentHash,
        amountMsat: deposit.amountSat * 1_000,
        memo: "refundable deposit",
        expirySeconds: INVOICE_MS / 1_000,
        minFinalCltvDelta: FINAL_CLTV_DELTA,
      });
      const changed = await deposits.change({ ...deposit, invoice }, deposit.number);
      return changed.state === "changed" ? changed.deposit : ((await deposits.get(deposit.id)) ?? deposit);
    } catch (error) {
      return this.#withoutNode(deposit, error);
    }
  }

  async #withoutNode(deposit: StoredDeposit, error: unknown): Promise<Deposit> {
    const { deposits, clock, settings, meter } = this.deps;
    if (error instanceof NodeRefusal) {
      throw new DomainError("node_refused", `the Lightning node of this server refuses: ${error.message}`);
    }
    if (!(error instanceof NodeAway)) throw error;
    if (settings.whenNodeAway === "refuse") {
      const message = "the Lightning node of this server does not answer; try again soon";
      throw new DomainError("node_away", message, { retryAfterMs: RETRY_MS });
    }
    const changed = await deposits.change(waivedFor(deposit, clock.nowMs()), deposit.number);
    if (changed.state !== "changed") return (await deposits.get(deposit.id)) ?? deposit;
    meter.deposited("waived");
    return changed.deposit;
  }

  async #changeLatest(sessionId: SessionId, decide: (deposit: Deposit) => Deposit): Promise<void> {
    const { deposits } = this.deps;
    for (;;) {
      const latest = await deposits.latest({ sessionId });
      if (latest === undefined) return;
      const next = decide(latest);
      if (next === latest || (await deposits.change(next, latest.number)).state === "changed") return;
    }
  }

  async #decide(
    id: DepositId,
    decide: (deposit: Deposit, nowMs: number) => Deposit,
    audit: () => ReturnType<typeof depositAudit>,
  ): Promise<Deposit> {
    const { deposits, log, clock } = this.deps;
    for (;;) {
      const deposit = await deposits.get(id);
      if (deposit === undefined) throw depositUnknown();
      const next = decide(deposit, clock.nowMs());
      if (next === deposit) return deposit;
      await log.logAct({ ...audit(), atMs: clock.nowMs() });
      const changed = await deposits.change(next, deposit.number);
      if (changed.state === "changed") return changed.deposit;
    }
  }

  #remember(sessionId: SessionId): void {
    this.#admitted.add(sessionId);
    const [oldest] = this.#admitted;
    if (this.#admitted.size > MAX_ADMITTED && oldest !== undefined) this.#admitted.delete(oldest);
  }

  /** Returns the open deposits of this instance, as it stops. What fails is left to the upkeep of another. */
  async stop(): Promise<void> {
    await this.#releaseAll(await this.deps.deposits.openOf(this.deps.instance, limits.keptDeposits));
  }

  /** Returns the open deposits of earlier processes, for a process whose sessions have ended with the one before it. */
  async releaseLeftOver(): Promise<void> {
    await this.#releaseAll(await this.deps.deposits.due(Number.MAX_SAFE_INTEGER, limits.keptDeposits));
  }

  async #releaseAll(open: readonly StoredDeposit[]): Promise<void> {
    const { deposits, clock } = this.deps;
    const ending = open.map(async (deposit) => {
      const next = releasing(deposit, "shutdown", clock.nowMs());
      if (next === deposit) {
        await this.carryOut(deposit); // decided before, and not done yet
        return;
      }
      const changed = await deposits.change(next, deposit.number);
      if (changed.state === "changed") await this.carryOut(changed.deposit);
    });
    await Promise.allSettled(ending);
  }
}

/** Whether an error comes from the operator's node. */
export function isOfNode(error: unknown): error is NodeAway | NodeRefusal {
  return error instanceof NodeAway || error instanceof NodeRefusal;
}

/** 32 bytes that nobody without the secret can guess, in hexadecimal. */
export function preimageOf(secret: string, id: DepositId): string {
  return createHmac("sha256", secret).update(`deposit ${id}`).digest("hex");
}

export function hashOf(preimage: string): string {
  return createHash("sha256").update(Buffer.from(preimage, "hex")).digest("hex");
}
