import { createHash } from "node:crypto";
import { expect } from "vitest";
import { DomainError } from "../../src/core/errors.js";
import type { MatchId, SessionId, TipId } from "../../src/core/ids.js";
import {
  cancelled,
  expired,
  invoiced,
  isSameOffer,
  offered,
  received,
  settled,
  type Tip,
  tipBudget,
} from "../../src/core/tip.js";
import type { LedgerEntry, TipStore } from "../../src/ports/tip-ledger.js";
import {
  INVOICE_LIVES_MS,
  INVOICE_VALID_MS,
  MAX_OPEN,
  partnerIn,
  type PlainTip,
  type TipCommand,
  TipReference,
} from "./tip-reference.js";

const LAST = Number.MAX_SAFE_INTEGER;
/** The order of states, which never decreases: a late payment settles a tip that was over. */
const rank: Record<string, number> = {
  ...{ offered: 0, invoiced: 1, declined: 2, cancelled: 2, expired: 2 },
  ...{ received: 3, settled: 4 },
};

/** Runs each command on the real ledger and on the reference, which must agree. */
export class TipComparison {
  nowMs = 1_800_000_000_000;
  #reference = new TipReference();
  #lastNumber = 0;
  readonly #seen = new Map<string, LedgerEntry>();
  readonly #totals = new Set<string>();

  constructor(private readonly tips: TipStore) {}

  /** Runs commands concurrently. Some sequential order of them must explain all answers and changes. */
  async give(commands: readonly TipCommand[]): Promise<void> {
    const answers = await Promise.all(commands.map((command) => this.#carryOut(command)));
    const changed = await this.tips.after(this.#lastNumber, 100);
    const explanations = ordersOf(commands.map((command, index) => ({ command, answer: answers[index] }))).map(
      (order) => {
        let reference = this.#reference;
        const isExplained = order.every(({ command, answer }) => {
          const step = reference.after(command, this.nowMs);
          reference = step.next;
          return step.answer === answer;
        });
        const was = new Map(this.#reference.tips.map(({ id, state }) => [id, state]));
        const expected = reference.tips.filter(({ id, state }) => was.get(id) !== state);
        return isExplained && isSame(changed, expected) ? reference : undefined;
      },
    );
    const found = explanations.find((reference) => reference !== undefined);
    expect(found, `no order explains ${JSON.stringify({ answers, changed })}`).toBeDefined();
    this.#reference = found ?? this.#reference;
    this.#watch(changed);
    await this.#compare();
  }

  pass(ms: number): Promise<void> {
    this.nowMs += ms;
    return Promise.resolve();
  }

  /** Expires what is due. */
  async sweep(): Promise<void> {
    const due = await this.tips.due(this.nowMs, 100);
    expect(due.map(({ id }) => id as string).sort()).toEqual(this.#reference.due(this.nowMs).sort());
    for (const { id } of due) await this.give([{ does: "expire", id }]);
  }

  /** Marks two changes as notified. */
  async notify(): Promise<void> {
    const pending = this.#reference.tips.filter(({ notified, changedMs }) => !notified && changedMs < this.nowMs);
    const found = await this.tips.pendingNotifications(this.nowMs, 2);
    expect(found).toHaveLength(Math.min(2, pending.length));
    expect(pending.map(({ id }) => id)).toEqual(expect.arrayContaining(found.map(({ id }) => id)));
    for (const { id, number } of found) await this.tips.markNotified(id, number);
    this.#reference = this.#reference.marked(found.map(({ id }) => id));
  }

  /** Deletes expired tips in steps. */
  async prune(): Promise<void> {
    while (await this.tips.prune(this.nowMs, 2));
    this.#reference = this.#reference.pruned(this.nowMs);
    for (const id of this.#seen.keys()) if (!this.#reference.tips.some((tip) => tip.id === id)) this.#seen.delete(id);
    await this.#compare();
  }

  async #carryOut(command: TipCommand): Promise<string> {
    try {
      return command.does === "offer" ? await this.#offer(command) : await this.#change(command);
    } catch (error) {
      if (error instanceof DomainError) return error.reason;
      throw error;
    }
  }

  async #offer({ id, match, by, amount, comment }: TipCommand & { does: "offer" }): Promise<string> {
    const [payerId, payeeId] = [by as SessionId, partnerIn(match, by) as SessionId];
    const offer = { id: id as TipId, matchId: match as MatchId, payerId, amountMsat: amount, comment };
    const added = await this.tips.add(offered({ ...offer, payeeId }, this.nowMs), [], { ...tipBudget, open: MAX_OPEN });
    if (!("tip" in added)) return added.state;
    if (added.state === "added") return `ok ${added.tip.state}`;
    return isSameOffer(added.tip, offer) ? `known ${added.tip.state}` : "another";
  }

  /** Reads, decides and writes, and retries while another change was faster. */
  async #change(command: Exclude<TipCommand, { does: "offer" }>): Promise<string> {
    for (;;) {
      const tip = await this.tips.get(command.id as TipId);
      if (tip === undefined) return "tip_unknown";
      const next = decide(tip, command, this.nowMs);
      if (next === tip) return `ok ${tip.state}`;
      const { state } = await this.tips.change(next, tip.number);
      if (state === "hash_used") return "hash_used";
      if (state === "changed") return `ok ${next.state}`;
    }
  }

  /** Invariants of changes that do not depend on the reference. */
  #watch(changed: readonly LedgerEntry[]): void {
    for (const tip of changed) {
      expect(tip.number).toBeGreaterThan(this.#lastNumber);
      this.#lastNumber = tip.number;
      const before = this.#seen.get(tip.id);
      if (before !== undefined) expect(rank[tip.state]).toBeGreaterThan(rank[before.state] ?? NaN);
      this.#seen.set(tip.id, tip);
    }
    const hashes = [...this.#seen.values()].flatMap(({ invoice }) => invoice?.paymentHash ?? []);
    expect(new Set(hashes).size).toBe(hashes.length);
  }

  async #compare(): Promise<void> {
    const { tips } = this.#reference;
    const latestFirst = [...tips].reverse();
    const sessionId = "bob" as SessionId;
    const matchId = "m-1" as MatchId;
    const [all, ofBob, ofMatch] = await Promise.all([
      this.tips.after(0, 100),
      this.tips.before(LAST, 100, { sessionId }),
      this.tips.before(LAST, 100, { matchId }),
    ]);
    expect(all.map(plain)).toEqual(tips.map((tip) => ({ ...tip, notified: undefined })));
    expect(ofBob.map(({ id }) => id)).toEqual(
      latestFirst.filter(({ payer, payee }) => [payer, payee].includes(sessionId)).map(({ id }) => id),
    );
    expect(ofMatch.map(({ id }) => id)).toEqual(
      latestFirst.filter(({ match }) => match === matchId).map(({ id }) => id),
    );
    for (const name of ["ann", "bob", "cyd"]) {
      const open = all.filter(({ payerId, state }) => payerId === name && (rank[state] ?? 2) < 2);
      expect(open.length).toBeLessThanOrEqual(MAX_OPEN);
    }
    await this.#compareTotals();
  }

  /** All totals that have existed. */
  async #compareTotals(): Promise<void> {
    const totals = this.#reference.totals();
    for (const name of totals.keys()) this.#totals.add(name);
    const checks = [...this.#totals].map(async (name) => {
      const total = await this.tips.total(name as "match:");
      expect({ name, ...total }).toEqual({ name, ...(totals.get(name) ?? { count: 0, amountMsat: 0 }) });
    });
    await Promise.all(checks);
  }
}

function decide(tip: LedgerEntry, command: Exclude<TipCommand, { does: "offer" }>, nowMs: number): Tip {
  if (command.does === "expire") return expired(tip, nowMs);
  const by = command.by as SessionId;
  if (command.does === "cancel") return cancelled(tip, by, nowMs);
  if (command.does === "receive") return received(tip, by, nowMs);
  if (command.does === "confirm") return settled(tip, by, preimageOf(command.word), nowMs);
  const paymentHash = createHash("sha256")
    .update(preimageOf(command.text.charAt(0)), "hex")
    .digest("hex");
  const times = { expiresMs: nowMs + INVOICE_LIVES_MS, validUntilMs: nowMs + INVOICE_VALID_MS };
  return invoiced(tip, by, { text: command.text, paymentHash, amountMsat: tip.amountMsat, ...times }, nowMs);
}

function preimageOf(word: string): string {
  return createHash("sha256").update(word).digest("hex");
}

/** A tip in the reference's form. */
function plain(tip: Tip): Omit<PlainTip, "notified"> {
  const { id, matchId: match, payerId: payer, payeeId: payee, amountMsat: amount, comment, state } = tip;
  const { changedMs, deadlineMs, receivedMs, invoice } = tip;
  const times = { changedMs, deadlineMs, validUntilMs: invoice?.validUntilMs, receivedMs };
  return { id, match, payer, payee, amount, comment, state, text: invoice?.text, ...times };
}

function isSame(tips: readonly Tip[], reference: readonly PlainTip[]): boolean {
  return (
    JSON.stringify(tips.map(({ id, state }) => [id, state])) ===
    JSON.stringify(reference.map(({ id, state }) => [id, state]))
  );
}

/** All permutations. */
function ordersOf<T>(few: readonly T[]): T[][] {
  if (few.length <= 1) return [[...few]];
  return few.flatMap((first, index) =>
    ordersOf([...few.slice(0, index), ...few.slice(index + 1)]).map((rest) => [first, ...rest]),
  );
}
