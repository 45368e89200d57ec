import { createHash } from "node:crypto";
import { afterEach, beforeEach } from "vitest";
import type { MatchId, SessionId, TipId } from "../../../src/core/ids.js";
import type { Invoice } from "../../../src/core/invoice.js";
import { invoiced, offered, received, settled, type Tip } from "../../../src/core/tip.js";
import type { LedgerEntry, Entered, TipStore } from "../../../src/ports/tip-ledger.js";
import type { OpenStores, StoreFixture } from "../../support/store-fixture.js";

export const START_MS = 1_800_000_000_000;
export const LAST = Number.MAX_SAFE_INTEGER;
export const session = (name: string) => name as SessionId;
export const match = (name: string) => name as MatchId;

/** A tip ledger, with the actions of the tests. */
export class TipsHarness {
  nowMs = START_MS;
  #fixture: StoreFixture | undefined;
  #stores: OpenStores | undefined;
  #made = 0;

  /** Makes a harness that is fresh and empty for each test of a suite. */
  static of(create: () => Promise<StoreFixture>): TipsHarness {
    const harness = new TipsHarness();
    beforeEach(async () => {
      harness.nowMs = START_MS;
      harness.#fixture = await create();
      harness.#stores = await harness.#fixture.open();
    });
    afterEach(async () => {
      await harness.#stores?.close();
      await harness.#fixture?.remove();
    });
    return harness;
  }

  get tips(): TipStore {
    if (this.#stores === undefined) throw new Error("can only be used in a test");
    return this.#stores.tips;
  }

  async reopen(): Promise<void> {
    await this.#stores?.close();
    this.#stores = await this.#fixture?.open();
  }

  /** A new tip. */
  offer(payer = "ann", payee = "bob", more: Partial<Tip> = {}): Tip {
    const id = `tip-${String(++this.#made).padStart(4, "0")}` as TipId;
    const sides = { matchId: match(`${payer}-${payee}`), payerId: session(payer), payeeId: session(payee) };
    return { ...offered({ id, ...sides, amountMsat: 21_000, comment: "“so” nice\n" }, this.nowMs), ...more };
  }

  /** Stores a tip, limited only by the payer's own budget. */
  enter(tip: Tip, maxOpen: number): Promise<Entered> {
    return this.tips.add(tip, [], { open: maxOpen, ofNetwork: 1_000, all: 1_000 });
  }

  async add(tip: Tip, maxOpen = 1_000): Promise<LedgerEntry> {
    const added = await this.enter(tip, maxOpen);
    if (!("tip" in added)) throw new Error(`the tip is ${added.state}`);
    return added.tip;
  }

  async change(next: Tip, number: number): Promise<LedgerEntry> {
    const changed = await this.tips.change(next, number);
    if (changed.state !== "changed") throw new Error(`the change is ${changed.state}`);
    return changed.tip;
  }

  /** Adds a tip with an invoice. */
  async invoice(tip: Tip, text = `of ${tip.id}`): Promise<LedgerEntry> {
    const { number } = await this.add(tip);
    return this.change(invoiced(tip, tip.payeeId, this.invoiceFor(tip, text), this.nowMs), number);
  }

  /** Adds a settled tip. */
  async settle(tip: Tip): Promise<LedgerEntry> {
    const booked = await this.invoice(tip);
    return this.change(settled(booked, tip.payerId, preimageOf(`of ${tip.id}`), this.nowMs), booked.number);
  }

  /** Adds a tip that the payee has received, as it says. */
  async receive(tip: Tip): Promise<LedgerEntry> {
    const booked = await this.invoice(tip);
    return this.change(received(booked, tip.payeeId, this.nowMs), booked.number);
  }

  /** Each text has a different payment hash. */
  invoiceFor({ amountMsat }: Tip, text: string): Invoice {
    const paymentHash = createHash("sha256").update(preimageOf(text), "hex").digest("hex");
    return { text, paymentHash, amountMsat, expiresMs: this.nowMs + 60_000 };
  }
}

export function preimageOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A tip without the number of its change. */
export function unnumbered(tip: LedgerEntry | undefined): Tip | undefined {
  return tip && (Object.fromEntries(Object.entries(tip).filter(([name]) => name !== "number")) as unknown as Tip);
}

export const idsOf = (tips: readonly Tip[]) => tips.map(({ id }) => id);
