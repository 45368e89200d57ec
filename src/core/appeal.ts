import { createHash } from "node:crypto";
import type { Ban } from "./ban.js";
import type { Moderator } from "./case.js";
import type { BanId } from "./ids.js";
import { isDevice, isNetwork } from "./session-key.js";

/** Bytes of an id: enough that no two bans share one, and short enough to read out. */
const ID_BYTES = 12;

/** How an appeal was decided: the ban stays, or was lifted. */
export type AppealOutcome = "upheld" | "reversed";

/** What somebody who is banned says against the ban. There is one for each ban, and for a ban and its companion. */
export interface Appeal {
  /** The ban that it names; its companion has the same appeal. */
  banId: BanId;
  /** Never logged, and never shown to others who are banned by the same ban. */
  text: string;
  createdMs: number;
  /** Undefined while it is open. */
  decision?: AppealDecision;
}

export interface AppealDecision {
  outcome: AppealOutcome;
  by: Moderator;
  /** What the banned are told; may be empty. */
  answer: string;
  decidedMs: number;
}

/** A ban that somebody appealed against. */
export type AppealedBan = Ban & { appeal: Appeal };

/** What the banned are told about a ban. */
export interface BanNotice {
  banId: BanId;
  scope: "person" | "browser" | "network";
  /** Empty if the moderator gave none for them. */
  reason: string;
  appeal: "none" | "open" | AppealOutcome;
  /** Empty if there is none. */
  answer: string;
}

/** The id of a ban: a hash of what is banned and since when, so that it reveals neither. */
export function banIdOf({ addressKey, createdMs }: Pick<Ban, "addressKey" | "createdMs">): BanId {
  const hash = createHash("sha256")
    .update(`${addressKey} ${String(createdMs)}`)
    .digest();
  return hash.subarray(0, ID_BYTES).toString("base64url") as BanId;
}

/** What an operator wrote as the reason is for moderators; the banned are told the statement. */
export function noticeOf(ban: Ban): BanNotice {
  const { addressKey, statement = "", automatic, appeal } = ban;
  const others = isDevice(addressKey) ? "browser" : "person";
  return {
    banId: banIdOf(ban),
    scope: isNetwork(addressKey) ? "network" : others,
    reason: statement === "" && automatic ? "several people reported what happened in calls" : statement,
    appeal: appeal === undefined ? "none" : (appeal.decision?.outcome ?? "open"),
    answer: appeal?.decision?.answer ?? "",
  };
}

/** Whether an appeal is another one, not the same one again after its answer was lost. */
export function isOther(appeal: Appeal, former: Appeal): boolean {
  return appeal.createdMs !== former.createdMs || appeal.text !== former.text;
}

/** A ban after its appeal was decided. A reversal lifts it. */
export function decided(ban: AppealedBan, decision: AppealDecision): AppealedBan {
  const lift = decision.outcome === "reversed" ? { liftedMs: decision.decidedMs } : {};
  return { ...ban, ...lift, appeal: { ...ban.appeal, decision } };
}

/** Whether a decision repeats the one that was made. */
export function repeats({ outcome, by, answer }: AppealDecision, former: AppealDecision): boolean {
  return outcome === former.outcome && by === former.by && answer === former.answer;
}

export function isAppealed(ban: Ban): ban is AppealedBan {
  return ban.appeal !== undefined;
}
