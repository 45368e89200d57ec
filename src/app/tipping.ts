import { redactTip } from "../core/separation.js";
import { DomainError, isStoreAway } from "../core/errors.js";
import { isGuest } from "../core/guest.js";
import type { MatchId, NetworkKey, SessionId, TipId } from "../core/ids.js";
import type { LightningNetwork } from "../core/invoice.js";
import { limits } from "../core/limits.js";
import { personOf } from "../core/session-key.js";
import { remainingDayMs } from "../core/day.js";
import {
  cancelled,
  invoiced,
  isSameOffer,
  networksOf,
  viewFor,
  offered,
  received,
  settled,
  type Tip,
  tipBudget,
  tipUnknown,
} from "../core/tip.js";
import type { Clock } from "../ports/clock.js";
import type { Partners } from "../ports/partners.js";
import type { LedgerEntry, TipLedger, TipOutbox } from "../ports/tip-ledger.js";
import { type Caller, refuseUnknown, sessionOf } from "./caller.js";
import type { Enforcement } from "./enforcement.js";

export interface OfferCommand {
  tipId: TipId;
  matchId: MatchId;
  amountMsat: number;
  comment: string;
}

export interface InvoiceCommand {
  tipId: TipId;
  invoice: string;
}

export interface ConfirmCommand {
  tipId: TipId;
  preimage: string;
}

interface TippingDependencies {
  tips: TipLedger & TipOutbox;
  lobby: Pick<Partners, "partner" | "append">;
  enforcement: Pick<Enforcement, "refuse">;
  clock: Clock;
  /** Undefined when tips are off. */
  network: LightningNetwork | undefined;
  /** Called after every change of a state. */
  onChange: (tip: Tip) => void;
}

/**
 * Changes tips and notifies both sides. The ledger is written first; if the lobby then fails, the upkeep of tips sends
 * the notification later (an outbox).
 */
export class Tipping {
  constructor(private readonly deps: TippingDependencies) {}

  /** @throws DomainError `match_over`, `session_unknown`, `tip_taken`, `limit_reached`, `restricted`, `tips_off` */
  async offer(caller: Caller, { tipId, ...offer }: OfferCommand): Promise<void> {
    this.#network();
    const payerId = sessionOf(caller);
    const { tips, lobby, enforcement, clock } = this.deps;
    enforcement.refuse(caller, "no_tips");
    const nowMs = clock.nowMs();
    const partner = await lobby.partner({ sessionId: payerId, matchId: offer.matchId, nowMs });
    if (partner.state !== "partner") {
      const known = await tips.get(tipId); // a retry after the match ended
      if (known !== undefined && isSameOffer(known, { payerId, ...offer })) return;
      if (partner.state === "unknown") refuseUnknown();
      throw new DomainError("match_over", "this match was not yours, ended too long ago, or your partner is gone");
    }
    if (isGuest(partner.partnerId)) {
      throw new DomainError("tips_off", "your partner is in another realm, which tips do not reach");
    }
    const tip = offered({ id: tipId, payerId, payeeId: partner.partnerId, ...peopleOf(partner), ...offer }, nowMs);
    const added = await tips.add(tip, networksOf(partner.ownKey), tipBudget);
    if (added.state === "added") return this.#notify(added.tip);
    if (added.state !== "known") refuse(added.state, tip);
    if (!isSameOffer(added.tip, { payerId, ...offer })) {
      throw new DomainError("tip_taken", "tip_id: another tip has this id", { field: "tip_id" });
    }
  }

  /** @throws DomainError `tip_unknown`, `tip_side`, `tip_over`, `field_invalid` with a problem, `invoice_used` */
  async sendInvoice(caller: Caller, { tipId, invoice }: InvoiceCommand): Promise<void> {
    const network = this.#network();
    const { parseInvoice } = await import("../core/invoice.js"); // the curve, which only tips need
    await this.#change(tipId, sessionOf(caller), (tip, sessionId, nowMs) => {
      if (tip.invoice?.text === invoice.toLowerCase()) return invoiced(tip, sessionId, tip.invoice, nowMs);
      return invoiced(tip, sessionId, parseInvoice(invoice, { network, amountMsat: tip.amountMsat }, nowMs), nowMs);
    });
  }

  /**
   * Settles a tip. The payer's session may be over. @throws DomainError `tip_unknown`, `tip_side`, `tip_over`,
   * `field_invalid`
   */
  async confirm(caller: Caller, { tipId, preimage }: ConfirmCommand): Promise<void> {
    this.#network();
    await this.#change(tipId, sessionOf(caller), (tip, sessionId, nowMs) => settled(tip, sessionId, preimage, nowMs));
  }

  /** Notes that the payee has the money. @throws DomainError `tip_unknown`, `tip_side`, `tip_over` */
  async confirmReceipt(caller: Caller, tipId: TipId): Promise<void> {
    this.#network();
    await this.#change(tipId, sessionOf(caller), received);
  }

  /** @throws DomainError `tip_unknown`, `tip_over` */
  async cancel(caller: Caller, tipId: TipId): Promise<void> {
    this.#network();
    await this.#change(tipId, sessionOf(caller), cancelled);
  }

  /**
   * Cancels the tips offered between two sessions that were separated, unless they have an invoice: it may be paid
   * already, and can still be confirmed. Safe to repeat.
   */
  async cancelBetween(sessionId: SessionId, partnerId: SessionId): Promise<void> {
    const { tips } = this.deps;
    const open = await Promise.all([sessionId, partnerId].map((payer) => tips.openOf(payer, limits.openTips)));
    for (const tip of open.flat()) {
      const isBetween = [tip.payerId, tip.payeeId].every((id) => id === sessionId || id === partnerId);
      if (isBetween) await this.#cancelOffered(tip.id, sessionId);
    }
  }

  #cancelOffered(tipId: TipId, sessionId: SessionId): Promise<void> {
    return this.#change(tipId, sessionId, (tip, by, nowMs) =>
      tip.state === "offered" ? cancelled(tip, by, nowMs) : tip,
    );
  }

  /** Changes a tip and notifies both sides. If it changed concurrently, decides again on the new state. */
  async #change(
    tipId: TipId,
    sessionId: SessionId,
    decide: (tip: Tip, sessionId: SessionId, nowMs: number) => Tip,
  ): Promise<void> {
    const { tips, clock } = this.deps;
    for (;;) {
      const entry = await tips.get(tipId);
      if (entry === undefined) throw tipUnknown();
      const next = decide(entry, sessionId, clock.nowMs());
      if (next === entry) return;
      const changed = await tips.change(next, entry.number);
      if (changed.state === "changed") return this.#notify(changed.tip, { isNews: next.state !== entry.state });
      if (changed.state === "hash_used") {
        throw new DomainError("invoice_used", "invoice: its payment hash is already in use", { field: "invoice" });
      }
    }
  }

  /** Notifies both sides. The ledger keeps the change even if that fails. @param isNews whether the state is new */
  async #notify(tip: LedgerEntry, { isNews } = { isNews: true }): Promise<void> {
    if (isNews) this.deps.onChange(tip);
    let areApart: boolean;
    try {
      ({ areApart } = await notifySides(tip, this.deps));
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      return;
    }
    // The two were separated between the offer and its entry in the ledger.
    if (areApart && tip.state === "offered") await this.#cancelOffered(tip.id, tip.payeeId);
  }

  #network(): LightningNetwork {
    if (this.deps.network !== undefined) return this.deps.network;
    throw new DomainError("tips_off", "tips are disabled on this server");
  }
}

interface NotificationDependencies {
  lobby: Pick<Partners, "append">;
  clock: Clock;
}

/** Notifies both sides of a change and marks it as notified. Separated sides get a redacted event. */
export async function notifySides(tip: LedgerEntry, deps: NotificationDependencies & { tips: TipOutbox }) {
  const sent = await sendTipEvents(tip, deps);
  await deps.tips.markNotified(tip.id, tip.number);
  return sent;
}

/** Sends both sides of a change an event. Separated sides get a redacted one. */
export async function sendTipEvents(tip: LedgerEntry, { lobby, clock }: NotificationDependencies) {
  const nowMs = clock.nowMs();
  const append = (sessionId: SessionId, partnerId: SessionId) => {
    const view = viewFor(tip, sessionId);
    const redacted = redactTip(view);
    const apart = redacted && { type: "tip_updated" as const, ...redacted };
    return lobby.append({ sessionId, event: { type: "tip_updated", ...view }, partner: { partnerId, apart }, nowMs });
  };
  const sent = await Promise.all([append(tip.payerId, tip.payeeId), append(tip.payeeId, tip.payerId)]);
  return { areApart: sent.some(({ state }) => state === "apart") };
}

/** The retry delay when the ledger is full, in milliseconds. */
const FULL_RETRY_MS = 60 * 60_000;

/** Refuses a tip that exceeds a budget. */
function refuse(state: "too_many" | "used_up" | "full", { deadlineMs, createdMs }: Tip): never {
  const max = String(limits.openTips);
  const [message, retryAfterMs] = {
    too_many: [`at most ${max} tips may be open; wait until one is settled or expires`, deadlineMs - createdMs],
    used_up: ["this network has reached its limit of tips for today", remainingDayMs(createdMs)],
    full: ["the server cannot store more tips for now", FULL_RETRY_MS],
  }[state] as [string, number];
  throw new DomainError("limit_reached", message, { retryAfterMs });
}

/** The people of the two sides of a tip, if known. */
function peopleOf({ ownKey, partnerKey }: { ownKey: NetworkKey; partnerKey: NetworkKey }) {
  return { payerPerson: personOf(ownKey), payeePerson: personOf(partnerKey) };
}
