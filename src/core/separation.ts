import type { Event } from "./event.js";
import type { EncodedSignals } from "./signal.js";
import { isOpen, isPaid, type TipView } from "./tip.js";

// Redaction for two sessions that are permanently separated after a report or a ban. They receive no content from each
// other, only the outcome of payments. Neither learns the reason.

/** Redacts an event that is already in a mailbox. It keeps its sequence number, as a missing one would be a gap. */
export function redactEvent(event: Event): Event {
  switch (event.type) {
    case "signaled":
      return { ...event, described: false, signals: "" as EncodedSignals };
    case "matched":
      return { ...event, offer: undefined };
    case "tip_updated": {
      const view = redactTip(event);
      if (view !== undefined) return { type: "tip_updated", ...view };
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
export function redactTip({ invoice, ...view }: TipView): TipView | undefined {
  if (isOpen(view)) return undefined;
  const redactedView = { ...view, comment: "" };
  return isPaid(view.state) && invoice !== undefined ? { ...redactedView, invoice } : redactedView;
}
