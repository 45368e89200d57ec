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

export type LuaValue = string | number | boolean | { [key: string]: LuaValue };

/** How long the close reason of a session is kept for its stream, in milliseconds. */
const CLOSED_MS = 60_000;

/** Max size of the redactions of a mailbox: enough for more matches than the mailbox holds events. */
const REDACTED_BYTES = 16 * 1024;

/** Places that the searches of one step pass, so that no step takes long; the next step continues. */
const PLACES_AT_ONCE = 512;

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
  places_at_once: PLACES_AT_ONCE,
  counted_ms: COUNTED_MS,
  kept_bans: limits.keptBans,
  counted_reports: limits.countedReports,
  severities,
  case_reporters: limits.caseReporters,
  kept_audit_entries: limits.keptAuditEntries,
  kept_commands: limits.keptCommands,
  kept_days_ms: KEPT_DAYS_MS,
};

/** The table `RULES` of the scripts. */
export function rulesFor(settings: Settings): Record<string, LuaValue> {
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
