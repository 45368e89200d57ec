import type { Activity, EndReason, State } from "@satoshigle/client";
import { nameOfAttribute, nameOfValue } from "./attributes.js";
import { isolate } from "./bidi.js";
import { worth } from "./rate.js";
import { formatList, formatNumber, say, sayCount, sentences } from "./say.js";

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
  if (scene.asking) return { title: say("status.allow.title"), detail: say("status.allow.detail") };
  if (scene.blocked) return { title: say("status.otherTab.title"), detail: say("status.otherTab.detail") };
  if (connection.status === "reconnecting") return describeOutage(scene.overloaded, connection.retryAtMs);
  if (connection.status === "connecting") {
    return { title: say("status.toServer.title"), detail: say("status.oneMoment") };
  }
  if (activity.phase === "waiting") return describeWait(activity, scene);
  if (scene.starting) return { title: say("status.starting.title"), detail: say("status.oneMoment") };
  return describeRest(scene.lastEnd);
}

function describeOutage(overloaded: boolean, untilMs: number): Words {
  return overloaded
    ? { title: say("status.full.title"), detail: say("status.full.detail"), untilMs }
    : { title: say("status.unreachable.title"), detail: say("status.unreachable.detail"), untilMs };
}

function describeRest(lastEnd: Scene["lastEnd"]): Words {
  if (lastEnd === null) return { title: say("status.welcome.title"), detail: say("status.welcome.detail") };
  if (lastEnd.reason === "left" || lastEnd.requeued)
    return { title: say("status.left.title"), detail: say("status.left.detail") };
  return { title: explainEnd(lastEnd.reason), detail: say("status.ended.detail") };
}

function describeWait(wait: Waiting, { lastEnd, waitedMs }: Scene): Words {
  const ended = lastEnd?.requeued && lastEnd.reason !== "left" ? explainEnd(lastEnd.reason) : "";
  const fitting = wait.fittingCount > 0 ? sayCount("wait.fitting", wait.fittingCount) : "";
  if (wait.onlyRecentPartners) {
    const detail = sentences(ended, say("wait.recent.detail"), describeFilters(wait), fitting);
    return { title: say("wait.recent.title"), detail };
  }
  const title = wait.widened ? say("wait.anyone") : say("wait.someone");
  const widened = wait.widened ? say("wait.widened") : "";
  const detail = sentences(ended, widened, describeFilters(wait), describeQueue(wait, waitedMs));
  return { title, detail };
}

/** Which filters gave way, besides interests. */
function describeFilters({ gaveWay }: Waiting): string {
  const names = gaveWay.filter((name) => name !== "interests").map((name) => isolate(nameOfAttribute(name)));
  return names.length === 0 ? "" : say("wait.gaveWay", { attributes: formatList(names, "conjunction") });
}

function describeMatch(state: State, match: Matched): Words {
  if (state.connection.status === "reconnecting") {
    const continues = match.call === "connected";
    return {
      title: say("status.unreachable.title"),
      detail: continues ? say("status.unreachable.inCall") : say("status.unreachable.restoring"),
      untilMs: state.connection.retryAtMs,
    };
  }
  if (match.partner.status === "away") {
    const detail = match.call === "connected" ? say("match.away.inCall") : say("match.away.detail");
    return { title: say("match.away.title"), detail, untilMs: match.partner.deadlineMs };
  }
  if (match.call === "reconnecting") {
    return { title: say("match.reconnecting.title"), detail: say("match.reconnecting.detail") };
  }
  const shared = sentences(describeMode(match), shareInterests(match.sharedInterests), shareAttributes(match));
  if (match.call === "connecting") return { title: say("match.connecting.title"), detail: shared };
  const detail = match.signaled ? shared || say("match.connected.detail") : say("match.restarted.detail");
  return { title: say("match.connected.title"), detail };
}

/** What the partner sends, if not video. */
function describeMode({ partnerMode }: Matched): string {
  if (partnerMode === "audio") return say("match.audio");
  return partnerMode === "text" ? say("match.text") : "";
}

/** What else both are, or an empty string. */
function shareAttributes({ sharedAttributes }: Matched): string {
  const names = Object.entries(sharedAttributes).flatMap(([name, values]) =>
    values.map((value) => isolate(`${nameOfAttribute(name)}: ${nameOfValue(name, value)}`)),
  );
  return names.length === 0 ? "" : say("match.alike", { attributes: formatList(names, "conjunction") });
}

export function explainEnd(reason: EndReason): string {
  return say(`ended.${reason}`);
}

/** How many wait, and how long it takes. Past waits say nothing about somebody alone, or who waits longer than that. */
function describeQueue({ waitingCount, estimatedWaitMs }: Waiting, waitedMs: number): string {
  if (waitingCount === 0) return ""; // the server has not answered yet
  if (waitingCount === 1) return waitedMs < SHORT_WAIT_MS ? say("wait.first") : say("wait.alone");
  const people = sayCount("wait.people", waitingCount);
  if (estimatedWaitMs === undefined) return people;
  const isLonger = waitedMs > Math.max(estimatedWaitMs, SHORT_WAIT_MS);
  return sentences(people, isLonger ? say("wait.longer") : estimate(estimatedWaitMs));
}

function estimate(waitMs: number): string {
  if (waitMs < 2_000) return say("wait.second");
  if (waitMs < 60_000) return sayCount("wait.seconds", Math.round(waitMs / 1_000));
  return sayCount("wait.minutes", Math.round(waitMs / 60_000));
}

/** "You both like jazz and hiking.", or an empty string. */
export function shareInterests(interests: readonly string[]): string {
  if (interests.length === 0) return "";
  return say("match.shared", { interests: formatList(interests.map(isolate), "conjunction") });
}

/** Formats the time left as 0:42; never negative. */
export function clock(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1_000));
  return `${formatNumber(Math.floor(seconds / 60))}:${formatNumber(seconds % 60, { minimumIntegerDigits: 2 })}`;
}

const NAME = "Satoshigle";

/** The title of the tab, starting with the number of unread messages. */
export function titleOf(phase: Phase, unreadCount: number): string {
  const unread = unreadCount > 0 ? `(${formatNumber(unreadCount)}) ` : "";
  return `${unread}${phase === "idle" ? "" : `${say(`title.${phase}`)} · `}${NAME}`;
}

/** Formats an amount such as "1,000 sats", with decimals only if needed, and what it is worth if the app gives a rate. */
export function sats(amountMsat: number): string {
  const amountSat = amountMsat / 1_000;
  const amount = sayCount("sats", amountSat, { amount: formatNumber(amountSat, { maximumFractionDigits: 3 }) });
  const value = worth(amountMsat);
  return value === undefined ? amount : `${amount} (≈ ${value})`;
}
