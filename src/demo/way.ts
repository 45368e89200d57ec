import type { Activity, CallStats } from "@satoshigle/client";
import { say, sentences } from "./say.js";

type Matched = Extract<Activity, { phase: "matched" }>;

/** The path of a call, as shown to the user. */
export interface Way {
  path: "direct" | "relayed";
  text: string;
  /** What the user can do: ask for a direct call, or answer the partner's request. */
  choice: "ask" | "answer" | null;
}

/** Describes the path of a call and which IP addresses it reveals. Null while the path is unknown. */
export function describeWay(match: Matched, path: CallStats["path"]): Way | null {
  if (path === "direct") {
    const agreed = match.relayOnly ? say("way.direct.agreed") : "";
    return { path: "direct", text: sentences(agreed, say("way.direct.text")), choice: null };
  }
  if (match.relayOnly) return { path: "relayed", ...describeRelayed(match) };
  return path === undefined ? null : { path: "relayed", text: say("way.fallback.text"), choice: null };
}

function describeRelayed({ direct, chatReady, signaled }: Matched): Pick<Way, "text" | "choice"> {
  switch (direct) {
    case "nobody":
      return { text: say("way.hidden.text"), choice: chatReady && signaled ? "ask" : null };
    case "me":
      return { text: say("way.asked.text"), choice: null };
    case "partner":
      return { text: say("way.question.text"), choice: "answer" };
    case "both":
      return { text: say("way.both.text"), choice: null };
  }
}
