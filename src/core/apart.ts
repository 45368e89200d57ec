import type { Event } from "./event.js";
import type { EncodedSignals } from "./signal.js";
import type { TipNews } from "./tip.js";

// What still passes between two who must never meet again, after a report or a ban: nothing that one of them made, only
// what became of money. Nobody is told why.

/** An event that is in a mailbox already, as its owner may still read it. Its sequence stays, or there would be a gap. */
export function redacted(event: Event): Event {
  switch (event.type) {
    case "signaled":
      return { ...event, described: false, signals: "" as EncodedSignals };
    case "matched":
      return { ...event, offer: undefined };
    case "tip_updated": {
      const news = newsApart(event);
      if (news !== undefined) return { type: "tip_updated", ...news };
      return {
        type: "signaled",
        matchId: event.matchId,
        relayOnly: true,
        described: false,
        signals: "" as EncodedSignals,
      };
    }
    default:
      return event;
  }
}

/**
 * What is told of a tip: nothing while it is open, so that nobody is asked for an invoice or for money; then its end,
 * without the payer's words, and without the payee's invoice unless that was paid.
 */
export function newsApart({ invoice, ...news }: TipNews): TipNews | undefined {
  if (news.state === "offered" || news.state === "invoiced") return undefined;
  const wordless = { ...news, comment: "" };
  return news.state === "settled" && invoice !== undefined ? { ...wordless, invoice } : wordless;
}
