/** The sentences about a running call: typing and seen, quality, the safety code. */
export const inCallWords = {
  typing: "typing…",
  partnerTyping: "Your partner is typing",
  seen: "Seen",
  safetyCode: "Safety code",
  safetyAsk: "Read these four symbols to each other, or hold them up to the camera.",
  safetyWaiting: "Agreeing on a code with your partner…",
  safetySame: "If you both see the same ones, nobody in between can watch your call: not this server, and no relay.",
  safetyDiffer: "If they differ, somebody is in between. End the call.",
  safetyLimits: "The code does not tell you who your partner is, or whether your partner records the call.",
} as const;
