import type { AddressKey } from "./ids.js";
import { COUNTED_MS } from "./report.js";

/** A network that is kept out until `expiresMs`. */
export interface Ban {
  addressKey: AddressKey;
  reason: string;
  /** Whether reports led to it, not an operator. */
  automatic: boolean;
  createdMs: number;
  expiresMs: number;
  /** When it was lifted before its time; undefined when it was not. Reports up to then count no more. */
  liftedMs?: number;
}

/** When reports ban by themselves. */
export interface BanRules {
  /** From how many networks, in `COUNTED_MS`; 0 for never. A wider network takes more (`reportersFor`). */
  afterReports: number;
  durationMs: number;
}

export function isInForce(ban: Ban | undefined, nowMs: number): boolean {
  return ban !== undefined && ban.liftedMs === undefined && nowMs < ban.expiresMs;
}

/** Since when reports count, of a network with that latest ban. */
export function countsSinceMs(latest: Ban | undefined, nowMs: number): number {
  return Math.max(nowMs - COUNTED_MS, latest?.liftedMs ?? 0);
}

/**
 * From how many networks reports must come to ban the reported one's network: twice as many for its /56, which only a
 * home has, four times as many for its /48, which may be that of a school. So whoever goes from one /64 to the next is
 * kept out of all of them in the end.
 * @param level how many steps the network is above the narrowest
 */
export function reportersFor(level: number, { afterReports }: BanRules): number {
  return afterReports * 2 ** level;
}

/** The ban that reports from so many networks lead to; undefined with none, or when they are too few. */
export function automaticBan(addressKey: AddressKey, networks: number, rules: BanRules, nowMs: number, level = 0) {
  const needed = reportersFor(level, rules);
  if (needed === 0 || networks < needed) return undefined;
  return {
    addressKey,
    reason: `reported from ${String(needed)} networks within a day`,
    automatic: true,
    createdMs: nowMs,
    expiresMs: nowMs + rules.durationMs,
  } satisfies Ban;
}

/** What is left of a ban that is lifted: that it was. */
export function lifted(addressKey: AddressKey, nowMs: number): Ban {
  return { addressKey, reason: "", automatic: false, createdMs: nowMs, expiresMs: nowMs, liftedMs: nowMs };
}

/** Until when a ban must be remembered: while reports could lead to the next one. */
export function rememberedUntilMs(ban: Ban): number {
  return (ban.liftedMs ?? ban.expiresMs) + COUNTED_MS;
}
