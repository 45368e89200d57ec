import { newsApart } from "../core/apart.js";
import { DomainError, isStoreAway } from "../core/errors.js";
import type { MatchId, SessionId, TipId } from "../core/ids.js";
import { type LightningNetwork, parseInvoice } from "../core/invoice.js";
import { limits } from "../core/limits.js";
import {
  cancelled,
  invoiced,
  isSameOffer,
  leftOfDayMs,
  networksOf,
  newsOf,
  offered,
  settled,
  type Tip,
  tipBudget,
  tipUnknown,
} from "../core/tip.js";
import type { Clock } from "../ports/clock.js";
import type { Lobby } from "../ports/lobby.js";
import type { LedgerEntry, TipLedger } from "../ports/tip-ledger.js";
import { type Caller, refuseUnknown, sessionOf } from "./caller.js";

export interface OfferCommand {
  tipId: TipId;
  matchId: MatchId;
  amountMsat: number;
  comment: string;
}

interface Parts {
  tips: TipLedger;
  lobby: Lobby;
  clock: Clock;
  /** Undefined when there are no tips. */
  network: LightningNetwork | undefined;
  /** A tip changed. */
  onChange: (tip: Tip) => void;
}

/**
 * Carries tips from one side to the other. The books come first: what they hold is told to both sides, at once or, when
 * the lobby fails in between, by the upkeep of tips.
 */
export class Tipping {
  constructor(private readonly parts: Parts) {}

  /** @throws DomainError `match_over`, `session_unknown`, `tip_taken`, `limit_reached`, `tips_off` */
  async offer(caller: Caller, { tipId, ...offer }: OfferCommand): Promise<void> {
    this.#network();
    const payerId = sessionOf(caller);
    const { tips, lobby, clock } = this.parts;
    const nowMs = clock.nowMs();
    const partner = await lobby.partner({ sessionId: payerId, matchId: offer.matchId, nowMs });
    if (partner.state !== "partner") {
      const known = await tips.get(tipId); // offered before all was over
      if (known !== undefined && isSameOffer(known, { payerId, ...offer })) return;
      if (partner.state === "unknown") refuseUnknown();
      throw new DomainError("match_over", "this match was not yours, or is too long ago, or your partner is gone");
    }
    const tip = offered({ id: tipId, payerId, payeeId: partner.partnerId, ...offer }, nowMs);
    const added = await tips.add(tip, networksOf(partner.ownKey), tipBudget);
    if (added.state === "added") return this.#tell(added.tip);
    if (added.state !== "known") refuse(added.state, tip);
    if (!isSameOffer(added.tip, { payerId, ...offer })) {
      throw new DomainError("tip_taken", "tip_id: another tip has this id", { field: "tip_id" });
    }
  }

  /** @throws DomainError `tip_unknown`, `tip_side`, `tip_over`, `field_invalid` with a problem, `invoice_used` */
  async sendInvoice(caller: Caller, { tipId, invoice }: { tipId: TipId; invoice: string }): Promise<void> {
    const network = this.#network();
    await this.#change(tipId, sessionOf(caller), (tip, sessionId, nowMs) => {
      if (tip.invoice?.text === invoice.toLowerCase()) return invoiced(tip, sessionId, tip.invoice, nowMs);
      return invoiced(tip, sessionId, parseInvoice(invoice, { network, amountMsat: tip.amountMsat }, nowMs), nowMs);
    });
  }

  /** For the payer, whose session may be over. @throws DomainError `tip_unknown`, `tip_side`, `tip_over`, `field_invalid` */
  async confirm(caller: Caller, { tipId, preimage }: { tipId: TipId; preimage: string }): Promise<void> {
    this.#network();
    await this.#change(tipId, sessionOf(caller), (tip, sessionId, nowMs) => settled(tip, sessionId, preimage, nowMs));
  }

  /** @throws DomainError `tip_unknown`, `tip_over` */
  async cancel(caller: Caller, tipId: TipId): Promise<void> {
    this.#network();
    await this.#change(tipId, sessionOf(caller), cancelled);
  }

  /**
   * The two are kept apart from now on: what was offered between them and has no invoice is given up, as if the session
   * had done so. An invoice that is out may be paid already, and can still be confirmed. Safe to repeat.
   */
  async giveUpBetween(sessionId: SessionId, partnerId: SessionId): Promise<void> {
    const { tips } = this.parts;
    const open = await Promise.all([sessionId, partnerId].map((payer) => tips.openOf(payer, limits.openTips)));
    for (const tip of open.flat()) {
      const isTheirs = [tip.payerId, tip.payeeId].every((id) => id === sessionId || id === partnerId);
      if (isTheirs) await this.#giveUp(tip.id, sessionId);
    }
  }

  #giveUp(tipId: TipId, sessionId: SessionId): Promise<void> {
    return this.#change(tipId, sessionId, (tip, by, nowMs) =>
      tip.state === "offered" ? cancelled(tip, by, nowMs) : tip,
    );
  }

  /** Brings a tip to the next state, and tells both sides. Of two at once the later decides again on what it finds. */
  async #change(
    tipId: TipId,
    sessionId: SessionId,
    decide: (tip: Tip, sessionId: SessionId, nowMs: number) => Tip,
  ): Promise<void> {
    const { tips, clock } = this.parts;
    for (;;) {
      const booked = await tips.get(tipId);
      if (booked === undefined) throw tipUnknown();
      const next = decide(booked, sessionId, clock.nowMs());
      if (next === booked) return;
      const changed = await tips.change(next, booked.number);
      if (changed.state === "changed") return this.#tell(changed.tip);
      if (changed.state === "hash_used") {
        throw new DomainError("invoice_used", "invoice: its payment hash was used before", { field: "invoice" });
      }
    }
  }

  /** What is in the books stays there, told or not. */
  async #tell(tip: LedgerEntry): Promise<void> {
    this.parts.onChange(tip);
    let areApart: boolean;
    try {
      ({ areApart } = await tellTip(tip, this.parts));
    } catch (error) {
      if (!isStoreAway(error)) throw error;
      return;
    }
    // A report came between the offer and its entry into the books.
    if (areApart && tip.state === "offered") await this.#giveUp(tip.id, tip.payeeId);
  }

  #network(): LightningNetwork {
    if (this.parts.network !== undefined) return this.parts.network;
    throw new DomainError("tips_off", "there are no tips on this server");
  }
}

/** Tells both sides of a change, as much as two may hear of each other, and the books that they were told. */
export async function tellTip(tip: LedgerEntry, parts: Pick<Parts, "tips" | "lobby" | "clock">) {
  const told = await newsOfTip(tip, parts);
  await parts.tips.markNotified(tip.id, tip.number);
  return told;
}

/** Tells both sides of a change, as much as two may hear of each other. */
export async function newsOfTip(tip: LedgerEntry, { lobby, clock }: Pick<Parts, "lobby" | "clock">) {
  const nowMs = clock.nowMs();
  const tell = (sessionId: SessionId, partnerId: SessionId) => {
    const news = newsOf(tip, sessionId);
    const wordless = newsApart(news);
    const apart = wordless && { type: "tip_updated" as const, ...wordless };
    return lobby.append({ sessionId, event: { type: "tip_updated", ...news }, partner: { partnerId, apart }, nowMs });
  };
  const told = await Promise.all([tell(tip.payerId, tip.payeeId), tell(tip.payeeId, tip.payerId)]);
  return { areApart: told.some(({ state }) => state === "apart") };
}

/** After how long a client should try again when the books are full, in milliseconds: they forget at their own pace. */
const FULL_RETRY_MS = 60 * 60_000;

/** Refuses a tip that there is no room for. */
function refuse(state: "too_many" | "used_up" | "full", { deadlineMs, createdMs }: Tip): never {
  const most = String(limits.openTips);
  const [message, retryAfterMs] = {
    too_many: [`at most ${most} tips may be open; wait until one is settled or expires`, deadlineMs - createdMs],
    used_up: ["no more tips are taken from this network today", leftOfDayMs(createdMs)],
    full: ["the server can keep no more tips for now", FULL_RETRY_MS],
  }[state] as [string, number];
  throw new DomainError("limit_reached", message, { retryAfterMs });
}
