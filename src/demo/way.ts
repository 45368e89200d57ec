import type { Activity, CallStats } from "@satoshigle/client";

type Matched = Extract<Activity, { phase: "matched" }>;

/** The path of a call, as shown to the user. */
export interface Way {
  name: "Direct" | "Relayed";
  text: string;
  /** What the user can do: ask for a direct call, or answer the partner's request. */
  choice: "ask" | "answer" | null;
}

/** Describes the path of a call and which IP addresses it reveals. Null while the path is unknown. */
export function describeWay(match: Matched, path: CallStats["path"]): Way | null {
  if (path === "direct") {
    const agreed = match.relayOnly ? "You both agreed to a direct call. " : "";
    const text = `${agreed}Video and sound go directly from browser to browser, so the two browsers know each other's IP address.`;
    return { name: "Direct", text, choice: null };
  }
  if (match.relayOnly) return describeRelayed(match);
  if (path === undefined) return null;
  const text =
    "No direct connection was possible, so a relay carries the encrypted call. Your IP address may still be visible to your partner.";
  return { name: "Relayed", text, choice: null };
}

function describeRelayed({ direct, chatReady, signaled }: Matched): Way {
  switch (direct) {
    case "nobody": {
      const text = "A relay carries the encrypted call and hides your IP address from your partner.";
      return { name: "Relayed", text, choice: chatReady && signaled ? "ask" : null };
    }
    case "me":
      return { name: "Relayed", text: "You asked for a direct call. Your partner has to agree first.", choice: null };
    case "partner":
      return { name: "Relayed", text: QUESTION, choice: "answer" };
    case "both":
      return {
        name: "Relayed",
        text: "You both agreed to a direct call. The relay carries the call until a direct connection works.",
        choice: null,
      };
  }
}

/** What a direct call means for the two partners. */
export const QUESTION = "A direct call is faster, but you and your partner can see each other's IP address.";
