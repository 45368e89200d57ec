import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { KEPT_DAYS_MS } from "../../core/channel-budget.js";
import { severities } from "../../core/case.js";
import {
  AVOID_REPORTED_MS,
  limits,
  PARTED_AT_ONCE,
  REPORTABLE_MS,
  REVISIT_MS,
  SEARCH_PAUSE_MS,
  WAIT_AVERAGE_WEIGHT,
} from "../../core/limits.js";
import { closingCause, endings } from "../../core/match.js";
import { COUNTED_MS } from "../../core/report.js";
import { PLANNED_SHARE, type SearchBounds } from "../../core/search.js";
import { eventTemplates } from "./event-templates.js";

/** The verbs. Each is a file with that name in `scripts`. */
export const verbs = [
  "open",
  "attach",
  "detach",
  "match",
  "leave",
  "relay",
  "repair",
  "report",
  "partner",
  "append",
  "apart",
  "expire",
  "count",
  "waits",
  "read",
  "trim",
  "renew",
  "release",
  "close_sessions",
  "block",
  "unblock",
  "add_report",
  "list_reports",
  "resolve_report",
  "answers_for",
  "mark_seen",
  "get_case",
  "list_cases",
  "reports_of_case",
  "change_case",
  "list_audit",
  "log_act",
  "prune_cases",
  "add_evidence",
  "complete_evidence",
  "open_evidence",
  "prune_evidence",
  "keep_commitment",
  "commitments_of",
  "put_ban",
  "list_bans",
  "get_bans",
  "file_appeal",
  "decide_appeal",
  "list_appeals",
  "put_action",
  "lift_action",
  "acknowledge_action",
  "list_actions",
  "get_actions",
  "prune_actions",
  "prune",
  "add_tip",
  "get_tip",
  "change_tip",
  "list_tips",
  "mark_notified",
  "total_tips",
  "forget_tips",
  "add_deposit",
  "change_deposit",
  "get_deposit",
  "list_deposits",
  "forget_deposits",
  "find_person",
  "note_person",
  "subjects_of",
  "list_people",
  "revoke_tokens",
  "block_person",
  "unblock_person",
  "forget_person",
  "prune_people",
  "list_sessions",
  "list_matches",
  "end_match",
  "close_session",
  "list_events",
  "prune_events",
  "hold_webhook",
  "save_webhook",
  "release_webhook",
  "read_webhooks",
  "channel_policy",
  "set_channel_policy",
  "book_command",
  "ask_command",
  "conclude_command",
  "due_commands",
  "get_command",
  "list_commands",
  "put_sample",
  "take",
  "spend",
] as const;
export type Verb = (typeof verbs)[number];

type LuaValue = string | number | boolean | { [key: string]: LuaValue };

/** How long the close reason of a session is kept for its stream, in milliseconds. */
const CLOSED_MS = 60_000;

/** Max size of the redactions of a mailbox: enough for more matches than the mailbox holds events. */
const REDACTED_BYTES = 16 * 1024;

export interface Script {
  lua: string;
  /** Identifies the script in Redis. */
  sha: string;
}

/** Settings that determine the rules of a realm. */
export interface Settings {
  /** Handshake deadline of a match, in milliseconds. */
  handshakeMs: number;
  isCluster: boolean;
  search: SearchBounds;
  /** Max bytes of all mailboxes beyond their own shares. */
  mailPoolBytes: number;
  /** Max events in the log; 0 for no log. */
  eventsMax: number;
}

export function scriptsFor(settings: Settings): Record<Verb, Script> {
  const scripts = verbs.map((verb): [Verb, Script] => {
    const lua = scriptOf(verb, settings);
    return [verb, { lua, sha: createHash("sha1").update(lua).digest("hex") }];
  });
  return Object.fromEntries(scripts) as Record<Verb, Script>;
}

/**
 * Builds the source of a verb: the rules it uses as a Lua table, the shared pieces it uses, and the verb itself. Redis
 * runs the whole source on each call, and defining a function costs as much as calling one, so only what the verb uses
 * is included.
 */
export function scriptOf(verb: Verb, settings: Settings): string {
  const lua = [...piecesOf(verb), sourceOf(verb)].join("\n");
  const mentioned = new Set([...lua.matchAll(/\bRULES\.(\w+)/g)].map(([, name]) => name));
  const rules = Object.entries(rulesFor(settings)).filter(([name]) => mentioned.has(name));
  return `local RULES = ${toLua(Object.fromEntries(rules))}\n${lua}`;
}

/** The rules that do not depend on settings. */
const RULES = {
  revisit_ms: REVISIT_MS,
  search_pause_ms: SEARCH_PAUSE_MS,
  planned_share: PLANNED_SHARE,
  reportable_ms: REPORTABLE_MS,
  avoid_reported_ms: AVOID_REPORTED_MS,
  counted_fitting: limits.countedFitting,
  closed_ms: CLOSED_MS,
  average_weight: WAIT_AVERAGE_WEIGHT,
  mailbox_events: limits.mailboxEvents,
  mailbox_bytes: limits.mailboxBytes,
  mailbox_own_bytes: limits.mailboxOwnBytes,
  recent_partners: limits.recentPartners,
  parted_pairs: limits.partedPairs,
  parted_at_once: PARTED_AT_ONCE,
  reported_partners: limits.reportedPartners,
  past_matches: limits.pastMatches,
  unanswered_matches: limits.unansweredMatches,
  redacted_bytes: REDACTED_BYTES,
  counted_ms: COUNTED_MS,
  kept_bans: limits.keptBans,
  counted_reports: limits.countedReports,
  severities,
  case_reporters: limits.caseReporters,
  kept_audit_entries: limits.keptAuditEntries,
  kept_commands: limits.keptCommands,
  kept_days_ms: KEPT_DAYS_MS,
};

function rulesFor(settings: Settings): Record<string, LuaValue> {
  return { ...rulesOfSettings(settings), ...RULES, ...rulesOfEndings(), ...eventTemplates };
}

function rulesOfSettings({ handshakeMs, isCluster, search, mailPoolBytes, eventsMax }: Settings) {
  return {
    handshake_ms: handshakeMs,
    search_visits: search.visits,
    search_places: search.places,
    look_places: search.lookPlaces,
    step_places: search.stepPlaces,
    mail_pool_bytes: mailPoolBytes,
    events_max: eventsMax,
    is_cluster: isCluster,
    publish: isCluster ? "SPUBLISH" : "PUBLISH",
  };
}

function rulesOfEndings() {
  return {
    closing_cause: closingCause,
    endings: Object.fromEntries(
      Object.entries(endings).map(([cause, { own, ownSequel, partner, partnerSequel, avoidMs }]) => [
        cause,
        { own, own_sequel: ownSequel, partner, partner_sequel: partnerSequel, avoid_ms: avoidMs },
      ]),
    ),
  };
}

/** The pieces of `scripts/shared` that a verb depends on, each once and after its own dependencies. */
function piecesOf(verb: Verb): string[] {
  const pieces = new Map<string, string>();
  const add = (name: string) => {
    if (pieces.has(name)) return;
    const piece = sourceOf(`shared/${name}`);
    usesOf(piece).forEach(add);
    pieces.set(name, piece);
  };
  ["realm", ...usesOf(sourceOf(verb))].forEach(add);
  return [...pieces.values()];
}

/** The pieces named in the line `-- uses a, b` of a source. */
function usesOf(source: string): string[] {
  return /^-- uses (.+)$/m.exec(source)?.[1]?.split(", ") ?? [];
}

/** @throws Error if the file does not exist, because a line `-- uses` names a missing piece. */
function sourceOf(name: string): string {
  const url = new URL(`scripts/${name}.lua`, import.meta.url);
  if (!existsSync(url)) throw new Error(`script ${name}.lua does not exist, but a line "-- uses" names it`);
  return readFileSync(url, "utf8");
}

function toLua(value: LuaValue): string {
  if (value === Infinity) return "math.huge";
  if (typeof value !== "object") return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([key, one]) => `${key} = ${toLua(one)}`)
    .join(", ")} }`;
}
