import { SatoshigleError } from "../errors.js";
import type { Session } from "../connection/session.js";
import type { PendingTips } from "./pending-tips.js";
import type { TipApi } from "./tip-api.js";
import { isFinal, type TipStore } from "./tip-store.js";
import type { Tip, TipTerms } from "./types.js";

interface TipOffersDependencies {
  api: TipApi;
  session: Session;
  tipStore: TipStore;
  pendingTips: PendingTips;
}

/** Offers the tips of this page, after it has recorded what the person agrees to. */
export class TipOffers {
  readonly #dependencies: TipOffersDependencies;
  readonly #ids = new Set<string>();

  constructor(dependencies: TipOffersDependencies) {
    this.#dependencies = dependencies;
  }

  /** Whether this page offered the tip. Only such tips are paid automatically. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  remember(tip: Tip, network: TipTerms["network"] | undefined): void {
    const { id, matchId, amountMsat, comment, createdAtMs, expiresAtMs = createdAtMs } = tip;
    const { session, pendingTips } = this.#dependencies;
    if (!network) return;
    const terms = { id, matchId, amountMsat, comment, createdAtMs, expiresAtMs, network };
    const open = { invoice: undefined, invoiceExpiresAtMs: undefined, asked: false };
    pendingTips.keep({ ...terms, ...open, token: session.token ?? "" });
  }

  /** Sends the offer in the current session, which may have changed since the last attempt. */
  send({ id, matchId, amountMsat, comment }: Tip): Promise<unknown> {
    const { api, session, tipStore, pendingTips } = this.#dependencies;
    const latest = tipStore.get(id);
    if (latest && isFinal(latest))
      throw new SatoshigleError("tip_over", "The tip ended before the server accepted it.");
    this.#ids.add(id);
    const pending = pendingTips.get(id);
    const token = session.token ?? "";
    if (pending && !pending.asked && pending.token !== token) pendingTips.change(id, { token });
    return api.offerTip({ tipId: id, matchId, amountMsat: BigInt(amountMsat), comment });
  }
}
