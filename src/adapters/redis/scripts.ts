import { readFileSync } from "node:fs";
import { limits, REPORTABLE_MS, REVISIT_MS, WAIT_AVERAGE_WEIGHT } from "../../core/limits.js";
import { endings } from "../../core/match.js";

/** The verbs; each is a file of that name in `scripts`. */
export const verbs = [
  "open",
  "attach",
  "detach",
  "match",
  "leave",
  "relay",
  "report",
  "expire",
  "count",
  "read",
  "trim",
  "renew",
  "release",
  "add_report",
] as const;
export type Verb = (typeof verbs)[number];

type LuaValue = string | number | boolean | { [key: string]: LuaValue };

/** How long is remembered why a session was closed, for its stream to tell, in milliseconds. */
const CLOSED_MS = 60_000;

/** The source of a verb: the rules as a Lua table, what the verbs share, and the verb itself. */
export function scriptOf(verb: Verb, handshakeMs: number, isCluster: boolean): string {
  const rules = {
    handshake_ms: handshakeMs,
    revisit_ms: REVISIT_MS,
    reportable_ms: REPORTABLE_MS,
    closed_ms: CLOSED_MS,
    average_weight: WAIT_AVERAGE_WEIGHT,
    mailbox_events: limits.mailboxEvents,
    mailbox_bytes: limits.mailboxBytes,
    recent_partners: limits.recentPartners,
    reported_partners: limits.reportedPartners,
    past_matches: limits.pastMatches,
    is_cluster: isCluster,
    publish: isCluster ? "SPUBLISH" : "PUBLISH",
    endings: Object.fromEntries(
      Object.entries(endings).map(([cause, { own, partner, partnerQueues, avoidMs }]) => [
        cause,
        { own, partner, partner_queues: partnerQueues, avoid_ms: avoidMs },
      ]),
    ),
  };
  return [`local RULES = ${toLua(rules)}`, sourceOf("realm"), sourceOf(verb)].join("\n");
}

function sourceOf(name: string): string {
  return readFileSync(new URL(`scripts/${name}.lua`, import.meta.url), "utf8");
}

function toLua(value: LuaValue): string {
  if (value === Infinity) return "math.huge";
  if (typeof value !== "object") return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, one]) => `${key} = ${toLua(one)}`)
    .join(", ")} }`;
}
