import type { Appeal } from "./appeal.js";
import type { AddressKey, DeviceKey } from "./ids.js";
import { isDevice } from "./session-key.js";
import { COUNTED_MS } from "./report.js";

/** A ban of a network, a browser or a person until `expiresMs`. */
export interface Ban {
  addressKey: AddressKey;
  /** Why, for moderators. */
  reason: string;
  /** What the banned are told about the reason; undefined or empty for nothing. */
  statement?: string;
  /** Whether reports caused it, not an operator. */
  automatic: boolean;
  createdMs: number;
  expiresMs: number;
  /** When it was lifted early; undefined if it was not. Earlier reports no longer count. */
  liftedMs?: number;
  /** The key of the ban that came with it: an automatic ban of a network also bans the browser. */
  companion?: AddressKey;
  /** Undefined if nobody appealed. */
  appeal?: Appeal;
}

/** When reports cause an automatic ban. */
export interface BanRules {
  /**
   * The number of reporting networks within `COUNTED_MS`; 0 disables automatic bans. A wider network needs more
   * (`reportersFor`).
   */
  afterReports: number;
  durationMs: number;
}

export function isInForce(ban: Ban | undefined, nowMs: number): boolean {
  return ban !== undefined && ban.liftedMs === undefined && nowMs < ban.expiresMs;
}

/** From when on reports count, given the network's latest ban. */
export function countsSinceMs(latest: Ban | undefined, nowMs: number): number {
  return Math.max(nowMs - COUNTED_MS, latest?.liftedMs ?? 0);
}

/** How many steps a key is above the narrowest network. A person and a browser count like the narrowest. */
export function levelOf(keys: readonly AddressKey[], index: number): number {
  return Math.max(0, index - keys.filter(isDevice).length);
}

/**
 * How many networks must report a network to ban it: twice as many for its /56, which only a home has, and four times
 * as many for its /48, which may be that of a school. A user who moves from one /64 to the next is eventually banned
 * from all of them.
 * @param level how many steps the network is above the narrowest
 */
export function reportersFor(level: number, { afterReports }: BanRules): number {
  return afterReports * 2 ** level;
}

/** The ban that reports from this many networks cause; undefined if they are too few. */
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

/** An automatic ban, and with it the ban of the browser if that is known. */
export function withCompanion(ban: Ban, device: DeviceKey | undefined): [ban: Ban, ofBrowser?: Ban] {
  const { addressKey } = ban;
  if (device === undefined || device === addressKey) return [ban];
  return [
    { ...ban, companion: device },
    { ...ban, addressKey: device, companion: addressKey },
  ];
}

/** Whether two bans came together, so that an appeal is against both. `other` is the latest ban of the companion's key. */
export function isCompanion(ban: Ban, other: Ban | undefined, nowMs: number): other is Ban {
  const pair = other?.companion === ban.addressKey && ban.companion === other.addressKey;
  return pair && other.createdMs === ban.createdMs && isInForce(other, nowMs);
}

/** A tombstone that records when a ban was lifted. */
export function lifted(addressKey: AddressKey, nowMs: number): Ban {
  return { addressKey, reason: "", automatic: false, createdMs: nowMs, expiresMs: nowMs, liftedMs: nowMs };
}

/** How long a ban must be remembered: as long as reports could lead to the next one. */
export function rememberedUntilMs(ban: Ban): number {
  return (ban.liftedMs ?? ban.expiresMs) + COUNTED_MS;
}
