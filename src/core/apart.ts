import type { Event } from "./event.js";
import type { EncodedSignals } from "./signal.js";
import type { TipNews } from "./tip.js";

// Redaction for two sessions that are permanently separated after a report or a ban. They receive no content from each
// other, only the outcome of payments. Neither learns the reason.

/** Redacts an event that is already in a mailbox. It keeps its sequence number, as a missing one would be a gap. */
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
 * Redacts a tip. An open tip is withheld, so that neither side is asked for an invoice or a payment. A final state is
 * delivered without the payer's comment, and without the payee's invoice unless the tip was paid.
 */
export function newsApart({ invoice, ...news }: TipNews): TipNews | undefined {
  if (news.state === "offered" || news.state === "invoiced") return undefined;
  const redactedNews = { ...news, comment: "" };
  return news.state === "settled" && invoice !== undefined ? { ...redactedNews, invoice } : redactedNews;
}
