import type { Event } from "./event.js";
import type { EncodedSignals } from "./signal.js";
import type { TipNews } from "./tip.js";

// What permanently separated sessions still receive of each other, after a report or a ban: nothing that the other
// made, only what happened to money. Neither is told why.

/** Redacts an event that is already in a mailbox. Its sequence stays, as a missing one would be a gap. */
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
 * Redacts a tip: nothing while it is open, so that nobody is asked for an invoice or for money; then its final state,
 * without the payer's comment, and without the payee's invoice unless that was paid.
 */
export function newsApart({ invoice, ...news }: TipNews): TipNews | undefined {
  if (news.state === "offered" || news.state === "invoiced") return undefined;
  const redactedNews = { ...news, comment: "" };
  return news.state === "settled" && invoice !== undefined ? { ...redactedNews, invoice } : redactedNews;
}
