import {
  isBlank,
  type Activity,
  type EndReason,
  type SatsStreamEnd,
  type State,
  type Tip,
  type TipState,
} from "@satoshigle/client";
import { isolate } from "./bidi.js";

/** The status text shown to the user. */
export interface Words {
  title: string;
  detail: string;
  /** End of a countdown shown beside the text. */
  untilMs?: number;
}

/** The input for the status text. */
export interface Scene {
  state: State;
  /** Start was pressed, and camera and microphone are opening. */
  starting: boolean;
  /** The browser is asking for permission to use camera and microphone. */
  asking: boolean;
  /** The browser allows no more connections for this tab. */
  blocked: boolean;
  /** The server has no room for a new session. */
  overloaded: boolean;
  /** How long this page has been looking for a partner, in milliseconds. */
  waitedMs: number;
  /** How the last match ended; null before the first one. */
  lastEnd: { reason: EndReason; requeued: boolean } | null;
}

/** Shorter waits are not remarkable. */
const SHORT_WAIT_MS = 10_000;

type Waiting = Extract<Activity, { phase: "waiting" }>;
type Matched = Extract<Activity, { phase: "matched" }>;

/** The phase shown on the page. During a match, this is the status of the call. */
export type Phase = "idle" | "waiting" | "connecting" | "connected" | "reconnecting";

export function phaseOf(activity: Activity): Phase {
  return activity.phase === "matched" ? activity.call : activity.phase;
}

export function describe(scene: Scene): Words {
  const { connection, activity } = scene.state;
  if (activity.phase === "matched") return describeMatch(scene.state, activity);
  if (scene.asking)
    return {
      title: "Allow camera and microphone",
      detail: "Your browser is asking for permission. Please allow both.",
    };
  if (scene.blocked)
    return { title: "Waiting for another tab to close…", detail: "Close another tab of this page to continue here." };
  if (scene.overloaded && connection.status === "reconnecting") {
    return {
      title: "Too many people are here right now",
      detail: "The server has no room for more. Trying again automatically.",
      untilMs: connection.retryAtMs,
    };
  }
  if (connection.status === "reconnecting") {
    return { title: "Can't reach the server", detail: "Retrying automatically.", untilMs: connection.retryAtMs };
  }
  if (connection.status === "connecting") return { title: "Connecting to the server…", detail: "One moment." };
  if (activity.phase === "waiting") return describeWait(activity, scene);
  if (scene.starting) return { title: "Getting ready…", detail: "One moment." };
  return describeRest(scene.lastEnd);
}

function describeRest(lastEnd: Scene["lastEnd"]): Words {
  if (lastEnd === null) {
    return {
      title: "Say hello to a stranger",
      detail: "Press Start to meet someone new, face to face. The call runs directly between your two browsers.",
    };
  }
  if (lastEnd.reason === "left" || lastEnd.requeued)
    return { title: "See you soon", detail: "Press Start whenever you want to chat again." };
  return { title: explainEnd(lastEnd.reason), detail: "Press Start to meet someone else." };
}

function describeWait(wait: Waiting, { lastEnd, waitedMs }: Scene): Words {
  const said = lastEnd?.requeued && lastEnd.reason !== "left" ? `${explainEnd(lastEnd.reason)} ` : "";
  if (wait.onlyRecentPartners) {
    const detail = "You have just met everyone who matches. Stay a moment, someone new may join.";
    return { title: "Waiting for someone new…", detail: said + detail };
  }
  const title = wait.widened ? "Looking for anyone…" : "Looking for someone…";
  const widened = wait.widened ? "Nobody here shares your interests yet. " : "";
  return { title, detail: said + widened + describeQueue(wait, waitedMs) };
}

function describeMatch(state: State, match: Matched): Words {
  if (state.connection.status === "reconnecting") {
    const continues = match.call === "connected";
    return {
      title: "Can't reach the server",
      detail: continues ? "Your call continues. Retrying automatically." : "Trying to restore your call.",
      untilMs: state.connection.retryAtMs,
    };
  }
  if (match.partner.status === "away") {
    const detail = match.call === "connected" ? "You may still see each other." : "Hold on, they may come back.";
    return { title: "Your partner is reconnecting", detail, untilMs: match.partner.deadlineMs };
  }
  if (match.call === "reconnecting") {
    return { title: "Reconnecting the call…", detail: "The video may freeze for a moment." };
  }
  const shared = shareInterests(match.sharedInterests);
  if (match.call === "connecting") return { title: "Found someone, connecting…", detail: shared };
  if (!match.signaled) {
    return {
      title: "Connected",
      detail: "The server restarted, but your call continues. Press Next to meet someone new.",
    };
  }
  return { title: "Connected", detail: shared || "Say hello!" };
}

export function explainEnd(reason: EndReason): string {
  return ends[reason];
}

const ends = {
  left: "You left.",
  partner_left: "Your partner said goodbye.",
  partner_skipped: "Your partner moved on.",
  partner_lost: "Your partner's connection was lost.",
  unresponsive: "Your browser did not answer in time.",
  partner_unresponsive: "Your partner did not answer in time.",
  reported: "Thank you for your report. You will not meet this person again.",
  banned: "A moderator ended the call.",
  call_lost: "The call was lost.",
} as const satisfies Record<EndReason, string>;

/** How many wait, and how long it takes. Past waits say nothing about somebody alone, or who waits longer than that. */
function describeQueue({ waitingCount, estimatedWaitMs }: Waiting, waitedMs: number): string {
  if (waitingCount <= 1) {
    return waitedMs < SHORT_WAIT_MS
      ? "You are the first one here."
      : "Nobody else is here yet. You meet the next who comes.";
  }
  const people = `${String(waitingCount)} people are waiting.`;
  if (estimatedWaitMs === undefined) return people;
  return waitedMs > Math.max(estimatedWaitMs, SHORT_WAIT_MS)
    ? `${people} It takes longer than usual.`
    : people + estimate(estimatedWaitMs);
}

function estimate(waitMs: number): string {
  if (waitMs < 2_000) return " It usually takes a second.";
  if (waitMs < 60_000) return ` It usually takes about ${(waitMs / 1_000).toFixed(0)} seconds.`;
  const minutes = Math.round(waitMs / 60_000);
  return ` It usually takes about ${minutes === 1 ? "a minute" : `${String(minutes)} minutes`}.`;
}

/** "You both like jazz and hiking.", or an empty string. */
export function shareInterests(interests: readonly string[]): string {
  if (interests.length === 0) return "";
  return `You both like ${new Intl.ListFormat("en").format(interests.map(isolate))}.`;
}

/** Formats the time left as 0:42; never negative. */
export function clock(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1_000));
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The title of the tab, starting with the number of unread messages. */
export function titleOf(phase: Phase, unreadCount: number): string {
  const unread = unreadCount > 0 ? `(${String(unreadCount)}) ` : "";
  return `${unread}${titles[phase]}Satoshigle`;
}

const titles = {
  idle: "",
  waiting: "Looking… · ",
  connecting: "Connecting… · ",
  connected: "In a call · ",
  reconnecting: "Reconnecting… · ",
} as const satisfies Record<Phase, string>;

/** Formats an amount such as "1,000 sats", with decimals only if needed. */
export function sats(amountMsat: number): string {
  const amount = new Intl.NumberFormat("en", { maximumFractionDigits: 3 }).format(amountMsat / 1_000);
  return `${amount} ${amount === "1" ? "sat" : "sats"}`;
}

/** Describes the state of a tip. Never says that it failed while the payment may still succeed. */
export function describeTip(tip: Tip): string {
  const amount = sats(tip.amountMsat);
  const words = isBlank(tip.comment) ? "" : `: “${isolate(tip.comment)}”`;
  const why = tip.problem ?? "Nothing was paid.";
  if (tip.role === "payee") return `${receiving[tip.state](amount)}${silent.has(tip.state) ? "" : words}`;
  if (tip.state === "cancelled") return `Your tip of ${amount} was cancelled. ${why}`;
  if (tip.state === "expired" && tip.problem !== undefined) return tip.problem;
  if (tip.state === "expired" && tip.invoice === undefined) return "Your partner did not answer. Nothing was paid.";
  return giving[tip.state](amount);
}

const giving = {
  offered: (amount) => `Offering your partner ${amount}…`,
  invoiced: (amount) => `Your partner is ready to receive ${amount}.`,
  paying: (amount) => `${amount} on the way. This may take a while.`,
  unconfirmed: (amount) => `Paid ${amount}. Confirming…`,
  settled: (amount) => `You tipped ${amount}.`,
  declined: (amount) => `Your partner declined ${amount}. Nothing was paid.`,
  cancelled: (amount) => `Your tip of ${amount} was cancelled.`,
  expired: (amount) => `The tip of ${amount} was not confirmed in time. Check your wallet to see whether it was paid.`,
} as const satisfies Record<TipState, (amount: string) => string>;

const receiving = {
  ...giving,
  offered: (amount) => `Your partner wants to tip you ${amount}`,
  invoiced: (amount) => `Waiting for ${amount} from your partner`,
  settled: (amount) => `You received ${amount}`,
  declined: (amount) => `You declined ${amount}.`,
  cancelled: (amount) => `Your partner cancelled the tip of ${amount}.`,
  expired: (amount) => `The tip of ${amount} was not confirmed in time. Check your wallet to see whether it arrived.`,
} as const satisfies Record<TipState, (amount: string) => string>;

/** States in which the payer's comment is not shown. */
const silent = new Set<TipState>(["declined", "cancelled", "expired"]);

/** Why a stream of sats ended. Empty if the user stopped it. */
export function explainStreamEnd(reason: SatsStreamEnd): string {
  return streamEnds[reason];
}

const streamEnds = {
  stopped: "",
  call_over: "The call has ended, so streaming has stopped.",
  budget: "You have reached your budget, so streaming has stopped.",
  failed: "A tip did not go through, so streaming has stopped.",
} as const satisfies Record<SatsStreamEnd, string>;
