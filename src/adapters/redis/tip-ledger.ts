import type { AddressKey, SessionId, TipId } from "../../core/ids.js";
import { dayOf } from "../../core/day.js";
import {
  formerTotalsOf,
  isOpen,
  type Tip,
  type TipBudget,
  tipKeptUntilMs,
  type TotalName,
  totalsOf,
} from "../../core/tip.js";
import type { Entered, LedgerEntry, TipsOf, TipStore, Total } from "../../ports/tip-ledger.js";
import { chunk } from "./chunk.js";
import type { ScriptRunner } from "./script-runner.js";

/** A range of a list; "(" excludes an end. */
type Range = [order: "up" | "down", from: number | string, to: number | string];

/** The ledger of tips in Redis. Durability depends on how its append-only file is configured. */
export class RedisTips implements TipStore {
  constructor(private readonly store: ScriptRunner) {}

  async add(tip: Tip, networks: readonly AddressKey[], budget: TipBudget): Promise<Entered> {
    const { id, matchId, payerId, payeeId, changedMs, deadlineMs } = tip;
    const args = [id, toJson(tip), matchId, payerId, payeeId, changedMs, deadlineMs];
    const bounds = [budget.open, budget.ofNetwork, budget.all, dayOf(tip.createdMs), ...networks];
    type Answer = [state: Entered["state"], number: string, json: string];
    const [state, number, json] = (await this.store.run("add_tip", ...args, ...bounds)) as Answer;
    if (state === "known") return { state, tip: toBooked(number, json) };
    return state === "added" ? { state, tip: { ...tip, number: Number(number) } } : { state };
  }

  async get(id: TipId): Promise<LedgerEntry | undefined> {
    const [number, json = ""] = (await this.store.run("get_tip", id)) as string[];
    return number === undefined ? undefined : toBooked(number, json);
  }

  async change(next: Tip, number: number): ReturnType<TipStore["change"]> {
    const { id, matchId, payerId, payeeId, changedMs, deadlineMs, invoice, amountMsat } = next;
    const untilMs = isOpen(next) ? deadlineMs : tipKeptUntilMs(next);
    const args = [id, number, toJson(next), matchId, payerId, payeeId, changedMs, isOpen(next) ? 1 : 0, untilMs];
    const { state: nextState, receivedMs = "", payerPerson = "", payeePerson = "" } = next;
    const totals = [totalsOf(next), formerTotalsOf(next)].map((names) => JSON.stringify(names));
    const counted = [
      invoice?.paymentHash ?? "",
      amountMsat,
      payerPerson,
      payeePerson,
      nextState,
      receivedMs,
      ...totals,
    ];
    type Answer = [state: "changed" | "stale" | "hash_used", number: string];
    const [state, given] = (await this.store.run("change_tip", ...args, ...counted)) as Answer;
    return state === "changed" ? { state, tip: { ...next, number: Number(given) } } : { state };
  }

  before(number: number, limit: number, of?: TipsOf): Promise<LedgerEntry[]> {
    return this.#list(of === undefined ? "all" : listOf(of), ["down", `(${String(number)}`, "-inf"], limit);
  }

  after(number: number, limit: number): Promise<LedgerEntry[]> {
    return this.#list("all", ["up", `(${String(number)}`, "+inf"], limit);
  }

  openOf(payerId: SessionId, limit: number): Promise<LedgerEntry[]> {
    return this.#list(`open:${payerId}`, ["up", "-inf", "+inf"], limit);
  }

  due(nowMs: number, limit: number): Promise<LedgerEntry[]> {
    return this.#list("open", ["up", "-inf", nowMs], limit);
  }

  pendingNotifications(beforeMs: number, limit: number): Promise<LedgerEntry[]> {
    return this.#list("pending", ["up", "-inf", `(${String(beforeMs)}`], limit);
  }

  async markNotified(id: TipId, number: number): Promise<void> {
    await this.store.run("mark_notified", id, number);
  }

  async total(name: TotalName): Promise<Total> {
    const [count, amountMsat] = (await this.store.run("total_tips", name)) as [string, string];
    return { count: Number(count), amountMsat: Number(amountMsat) };
  }

  /** Tips are read first and deleted then; those that changed or were deleted meanwhile are skipped. */
  async prune(nowMs: number, limit: number): Promise<boolean> {
    const over = await this.#list("kept", ["up", "-inf", nowMs], limit);
    if (over.length > 0) await this.store.run("forget_tips", JSON.stringify(over.map(toForget)));
    return over.length === limit;
  }

  async #list(list: string, range: Range, limit: number): Promise<LedgerEntry[]> {
    const found = (await this.store.run("list_tips", list, ...range, limit)) as string[];
    return chunk(found, 2).map(([number = "", json = ""]) => toBooked(number, json));
  }
}

function listOf(of: TipsOf): string {
  return "matchId" in of ? `match:${of.matchId}` : `session:${of.sessionId}`;
}

/** Omits the number: it is the score of the tip in its list. */
function toJson(tip: Tip): string {
  return JSON.stringify({ ...tip, number: undefined });
}

function toBooked(number: string, json: string): LedgerEntry {
  return { ...(JSON.parse(json) as Tip), number: Number(number) };
}

/** The fields of a tip that `forget_tips` needs. */
function toForget(tip: LedgerEntry) {
  const { id, number, matchId: match, payerId: payer, payeeId: payee, amountMsat, invoice } = tip;
  const [hash, amount] = [invoice?.paymentHash ?? "", String(amountMsat)];
  return { id, number: String(number), match, payer, payee, hash, amount, totals: totalsOf(tip) };
}
