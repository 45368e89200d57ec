import type { Activity, CallStats } from "@satoshigle/client";

type Matched = Extract<Activity, { phase: "matched" }>;

/** Which way a call takes, for a person. */
export interface Way {
  name: "Direct" | "Relayed";
  text: string;
  /** What can be done about it: ask to go direct, or answer the partner who asked. */
  choice: "ask" | "answer" | null;
}

/** Tells which way the call takes and who knows whose address; null while that is not known. */
export function describeWay(match: Matched, path: CallStats["path"]): Way | null {
  if (path === "direct") {
    const agreed = match.relayOnly ? "You both agreed to it. " : "";
    const text = `${agreed}Picture and sound go straight from browser to browser, so the two browsers know each other's IP address.`;
    return { name: "Direct", text, choice: null };
  }
  if (match.relayOnly) return describeRelayed(match);
  if (path === undefined) return null;
  const text =
    "No direct way was found, so a relay carries the call, encrypted. It was not asked to hide IP addresses.";
  return { name: "Relayed", text, choice: null };
}

function describeRelayed({ direct, chatReady, signaled }: Matched): Way {
  switch (direct) {
    case "nobody": {
      const text = "A relay carries the call, encrypted, and hides your IP address from your partner.";
      return { name: "Relayed", text, choice: chatReady && signaled ? "ask" : null };
    }
    case "me":
      return { name: "Relayed", text: "You asked to go direct. Now your partner has to agree.", choice: null };
    case "partner":
      return { name: "Relayed", text: QUESTION, choice: "answer" };
    case "both":
      return {
        name: "Relayed",
        text: "You both agreed to go direct. Until a direct way is found, the relay carries the call.",
        choice: null,
      };
  }
}

/** What agreeing means. */
export const QUESTION =
  "A direct call is quicker. It also shows your IP address to your partner, and your partner's to you.";
