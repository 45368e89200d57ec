/** Commands on tips. A word stands for a preimage, and the text of an invoice starts with its word. */
export type TipCommand =
  | { does: "offer"; id: string; match: string; by: string; amount: number; comment: string }
  | { does: "invoice"; id: string; by: string; text: string }
  | { does: "confirm"; id: string; by: string; word: string }
  | { does: "receive"; id: string; by: string }
  | { does: "cancel"; id: string; by: string }
  | { does: "expire"; id: string };

export interface PlainTip {
  id: string;
  match: string;
  payer: string;
  payee: string;
  amount: number;
  comment: string;
  state: string;
  text: string | undefined;
  changedMs: number;
  deadlineMs: number;
  /** When its invoice expires. */
  validUntilMs: number | undefined;
  receivedMs?: number | undefined;
  notified: boolean;
}

export const MAX_OPEN = 3;
export const INVOICE_LIVES_MS = 60_000;
/** The invoice outlives the time to pay it. */
export const INVOICE_VALID_MS = 3 * 24 * 60 * 60_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const matches: Record<string, [string, string]> = {
  "m-1": ["ann", "bob"],
  "m-2": ["bob", "cyd"],
  "m-3": ["bob", "ann"],
};

/** The other side of a match. */
export function partnerIn(match: string, name: string): string {
  const [first = "", second = ""] = matches[match] ?? [];
  return name === first ? second : first;
}

/** The documented behavior of tips, sequential and in memory. It shares no code with the server. */
export class TipReference {
  constructor(readonly tips: readonly PlainTip[] = []) {}

  /** The tips after a command, the last changed one last, and the answer to the command. */
  after(command: TipCommand, nowMs: number): { next: TipReference; answer: string } {
    const tip = this.tips.find(({ id }) => id === command.id);
    const asked = command.does === "offer" ? this.#offer(command, tip, nowMs) : this.#change(command, tip, nowMs);
    if (typeof asked === "string") return { next: this, answer: asked };
    if (asked.state === tip?.state) return { next: this.#noted(asked), answer: `ok ${asked.state}` };
    return { next: this.#with({ ...asked, changedMs: nowMs, notified: false }), answer: `ok ${asked.state}` };
  }

  /** Without expired tips. */
  pruned(nowMs: number): TipReference {
    return new TipReference(
      this.tips.filter(({ state, changedMs, validUntilMs }) => {
        if (isOpen(state)) return true;
        if (state === "settled" || state === "received") return nowMs < changedMs + 400 * DAY_MS;
        if (validUntilMs === undefined) return nowMs < changedMs + 2 * DAY_MS;
        return nowMs < Math.max(changedMs, validUntilMs) + 16 * DAY_MS;
      }),
    );
  }

  marked(ids: readonly string[]): TipReference {
    return new TipReference(this.tips.map((tip) => (ids.includes(tip.id) ? { ...tip, notified: true } : tip)));
  }

  due(nowMs: number): string[] {
    return this.tips.filter((tip) => isOpen(tip.state) && tip.deadlineMs <= nowMs).map(({ id }) => id);
  }

  /** The totals of settled and of received tips, by name. */
  totals(): Map<string, { count: number; amountMsat: number }> {
    const totals = new Map<string, { count: number; amountMsat: number }>();
    for (const { state, match, payer, payee, changedMs, amount } of this.tips) {
      if (state !== "settled" && state !== "received") continue;
      const kind = state === "settled" ? "" : "unproved:";
      const [day = ""] = new Date(changedMs).toISOString().split("T");
      for (const of of [`match:${match}`, `given:${payer}`, `received:${payee}`, `day:${day}`]) {
        const name = kind + of;
        const { count, amountMsat } = totals.get(name) ?? { count: 0, amountMsat: 0 };
        totals.set(name, { count: count + 1, amountMsat: amountMsat + amount });
      }
    }
    return totals;
  }

  #offer(
    { id, match, by, amount, comment }: TipCommand & { does: "offer" },
    known: PlainTip | undefined,
    nowMs: number,
  ): PlainTip | string {
    if (known !== undefined) {
      const isSame =
        known.match === match && known.payer === by && known.amount === amount && known.comment === comment;
      return isSame ? `known ${known.state}` : "another";
    }
    if (this.tips.filter(({ payer, state }) => payer === by && isOpen(state)).length >= MAX_OPEN) return "too_many";
    const times = { changedMs: nowMs, deadlineMs: nowMs + 2 * MINUTE_MS, validUntilMs: undefined, notified: false };
    const sides = { payer: by, payee: partnerIn(match, by) };
    return { id, match, ...sides, amount, comment, state: "offered", text: undefined, ...times };
  }

  #change(
    command: Exclude<TipCommand, { does: "offer" }>,
    tip: PlainTip | undefined,
    nowMs: number,
  ): PlainTip | string {
    if (tip === undefined) return "tip_unknown";
    const isLate = nowMs >= tip.deadlineMs;
    if (command.does === "expire") {
      return isOpen(tip.state) && isLate ? { ...tip, state: "expired" } : `ok ${tip.state}`;
    }
    if (command.by !== tip.payer && command.by !== tip.payee) return "tip_unknown";
    if (command.does === "invoice") return this.#invoice(tip, command, nowMs);
    if (command.does === "confirm") return confirm(tip, command);
    if (command.does === "receive") return receive(tip, command.by, nowMs);
    return cancel(tip, command.by, isLate);
  }

  #invoice(tip: PlainTip, { by, text }: TipCommand & { does: "invoice" }, nowMs: number): PlainTip | string {
    if (by !== tip.payee) return "tip_side";
    if (tip.text === text) return `ok ${tip.state}`;
    if (tip.state !== "offered" || nowMs >= tip.deadlineMs) return "tip_over";
    if (this.tips.some((other) => other.text?.charAt(0) === text.charAt(0))) return "hash_used";
    const deadlineMs = nowMs + INVOICE_LIVES_MS + 60 * MINUTE_MS;
    return { ...tip, state: "invoiced", text, deadlineMs, validUntilMs: nowMs + INVOICE_VALID_MS };
  }

  /** With a fact more about a tip, which keeps its place. */
  #noted(tip: PlainTip): TipReference {
    const noted = { ...tip, notified: false };
    return new TipReference(this.tips.map((other) => (other.id === tip.id ? noted : other)));
  }

  #with(tip: PlainTip): TipReference {
    return new TipReference([...this.tips.filter(({ id }) => id !== tip.id), tip]);
  }
}

function confirm(tip: PlainTip, { by, word }: TipCommand & { does: "confirm" }): PlainTip | string {
  if (by !== tip.payer) return "tip_side";
  if (tip.text === undefined) return "tip_over";
  if (!tip.text.startsWith(word)) return "field_invalid";
  return tip.state === "settled" ? "ok settled" : { ...tip, state: "settled" };
}

function receive(tip: PlainTip, by: string, nowMs: number): PlainTip | string {
  if (by !== tip.payee) return "tip_side";
  if (tip.text === undefined) return "tip_over";
  if (tip.receivedMs !== undefined) return `ok ${tip.state}`;
  return { ...tip, state: tip.state === "settled" ? "settled" : "received", receivedMs: nowMs };
}

function cancel(tip: PlainTip, by: string, isLate: boolean): PlainTip | string {
  const state = by === tip.payer ? "cancelled" : "declined";
  if (tip.state === state) return `ok ${state}`;
  if (isLate) return "tip_over";
  if (tip.state === "offered" || (tip.state === "invoiced" && by === tip.payer)) return { ...tip, state };
  return "tip_over";
}

function isOpen(state: string): boolean {
  return ["offered", "invoiced"].includes(state);
}
