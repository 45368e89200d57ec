import { createHash } from "node:crypto";
import type { MatchId, SessionId, TipId } from "../../../src/core/ids.js";
import { invoiced, offered, settled } from "../../../src/core/tip.js";
import type { LedgerEntry, TipStore, Total } from "../../../src/ports/tip-ledger.js";

const [payerId, payeeId] = ["ann" as SessionId, "bob" as SessionId];
const matchId = "match" as MatchId;
const LANES = 8;

/** Settles tips as fast as possible, some concurrently, and calls back for each acknowledgement. */
export async function keepSettling(tips: TipStore, round: string, onSettled: (name: string) => void): Promise<void> {
  const settle = async (lane: number) => {
    for (let index = 0; ; index++) {
      const name = `${round}-${String(lane)}-${String(index)}`;
      await settleOne(tips, name);
      onSettled(name);
    }
  };
  await Promise.all(Array.from({ length: LANES }, (_, lane) => settle(lane)));
}

async function settleOne(tips: TipStore, name: string): Promise<void> {
  const nowMs = Date.now();
  const preimage = preimageOf(name);
  const paymentHash = createHash("sha256").update(preimage, "hex").digest("hex");
  const amountMsat = 1_000 + name.length;
  const invoice = { text: name, paymentHash, amountMsat, expiresMs: nowMs + 60_000 };
  const tip = offered({ id: name as TipId, matchId, payerId, payeeId, amountMsat, comment: name }, nowMs);
  const added = await tips.add(tip, [], { open: Infinity, ofNetwork: Infinity, all: Infinity });
  if (added.state !== "added") throw new Error(`the offer is ${added.state}`);
  const open = await change(tips, added.tip, invoiced(added.tip, payeeId, invoice, nowMs));
  await change(tips, open, settled(open, payerId, preimage, nowMs));
}

async function change(
  tips: TipStore,
  { number }: LedgerEntry,
  next: Parameters<TipStore["change"]>[0],
): Promise<LedgerEntry> {
  const changed = await tips.change(next, number);
  if (changed.state !== "changed") throw new Error(`the change is ${changed.state}`);
  return changed.tip;
}

function preimageOf(name: string): string {
  return createHash("sha256").update(name).digest("hex");
}

/** The stored settled tips under the names that `keepSettling` uses, and their sums by totals and by tip. */
export async function settledIn(tips: TipStore): Promise<{ names: Set<string>; booked: Total; counted: Total }> {
  const paid: LedgerEntry[] = [];
  for (let number = 0; ;) {
    const page = await tips.after(number, 500);
    paid.push(...page.filter(({ id, state, preimage }) => state === "settled" && preimage === preimageOf(id)));
    number = page.at(-1)?.number ?? Infinity;
    if (number === Infinity) break;
  }
  const counted = { count: paid.length, amountMsat: paid.reduce((sum, { amountMsat }) => sum + amountMsat, 0) };
  return { names: new Set(paid.map(({ id }) => id)), booked: await tips.total(`match:${matchId}`), counted };
}
