import type { GetTotalsResponse } from "../../../gen/satoshigle/internal/v1/payment_pb.js";
import type { Clients } from "../clients.js";

/** What was paid on a day (UTC). */
export interface Day {
  /** Such as `2026-01-31`. */
  day: string;
  proved: Sum;
  /** What only the payee has confirmed. */
  unproved: Sum;
}

export interface Sum {
  count: bigint;
  msat: bigint;
}

const DAY_MS = 86_400_000;

/** The last days up to a time, the oldest first. */
export function daysUntil(nowMs: number, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(nowMs - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10),
  );
}

export async function loadDays(
  payments: Clients["payments"],
  days: readonly string[],
  signal: AbortSignal,
): Promise<Day[]> {
  return Promise.all(
    days.map(async (day) => dayOf(day, await payments.getTotals({ of: { case: "day", value: day } }, { signal }))),
  );
}

function dayOf(day: string, { given, unprovedGiven }: GetTotalsResponse): Day {
  return { day, proved: sumOf(given), unproved: sumOf(unprovedGiven) };
}

function sumOf(total: GetTotalsResponse["given"]): Sum {
  return { count: total?.tipCount ?? 0n, msat: total?.amountMsat ?? 0n };
}

export function sumUp(sums: readonly Sum[]): Sum {
  return sums.reduce((all, { count, msat }) => ({ count: all.count + count, msat: all.msat + msat }), {
    ...{ count: 0n, msat: 0n },
  });
}
