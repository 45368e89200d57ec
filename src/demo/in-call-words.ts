/** The sentences about a running call: typing and seen, quality, the safety code. */
export const inCallWords = {
  typing: "typing…",
  partnerTyping: "Your partner is typing",
  seen: "Seen",
} as const;
