import type { LazyInCall } from "../call/lazy-in-call.js";
import { noPartnerError, SatoshigleError } from "../errors.js";
import type { Session } from "../connection/session.js";
import type { StateStore } from "../state-store.js";
import { ArrivalWatch } from "./arrival-watch.js";
import { MatchClock } from "./match-clock.js";
import { decodeMinuteMessage, encodeMinuteMessage, MINUTES_TOPIC, type MinuteMessage } from "./minute-messages.js";
import { MinutePayment } from "./minute-payment.js";
import type { TipSource } from "./tip-source.js";
import { type MinutePrices, readPrices } from "./minute-prices.js";
import { MinuteReceipts } from "./minute-receipts.js";
import type { Minutes, MinutesView } from "./types.js";

/** What is needed of the tips of this side. */
interface MinuteTips {
  load(): Promise<{ source(): TipSource; acceptTip(tipId: string): Promise<void> }>;
}

/** What is needed of the current call. */
interface MinuteCall {
  readonly peer: { getStats(): Promise<RTCStatsReport> } | undefined;
  readonly inCall: Pick<LazyInCall, "load">;
}

const boards = new WeakMap<StateStore, MinuteBoard>();

/** Returns the payment by the minute of a client, of which there is one. */
export function openMinutes(
  store: StateStore,
  tips: MinuteTips,
  session: Pick<Session, "clockOffsetMs">,
  call: () => MinuteCall | undefined,
): Minutes {
  const board = boards.get(store) ?? new MinuteBoard(store, tips, session, call);
  boards.set(store, board);
  return board;
}

/** What the two sides of the current match ask for a minute, and what they pay. */
class MinuteBoard implements Minutes {
  #view: MinutesView | null = null;
  /** The match that the view is about, which may be over. */
  #matchId = "";
  #currentId: string | undefined;
  #prices: MinutePrices | undefined;
  #clock: MatchClock | undefined;
  #payment: MinutePayment | undefined;
  #watch: ArrivalWatch | undefined;
  #receipts: MinuteReceipts | undefined;
  /** Whether either side has said that its price does not apply any more. */
  #ownWaived = false;
  #partnerWaived = false;

  constructor(
    private readonly store: StateStore,
    private readonly tips: MinuteTips,
    private readonly session: Pick<Session, "clockOffsetMs">,
    private readonly call: () => MinuteCall | undefined,
  ) {
    store.events.on("state", () => this.#follow());
    store.events.on(`message:${MINUTES_TOPIC}`, (bytes) => this.#heard(decodeMinuteMessage(bytes)));
    this.#follow();
  }

  get view(): MinutesView | null {
    return this.#view;
  }

  async accept({ budgetMsat }: { budgetMsat: number }): Promise<void> {
    const { matchId, priceMsat, clock } = this.#offer(budgetMsat);
    const tips = await this.tips.load();
    if (this.#currentId !== matchId) throw noPartnerError("pay");
    if (this.#payment?.over === false) return;
    const { tip, mayBePaid } = tips.source();
    const paying = (): void => this.#say({ says: "paying", msat: priceMsat });
    const changed = (): void => this.#changed();
    this.#payment?.close();
    const payment = new MinutePayment(
      { matchId, priceMsat, budgetMsat },
      { tip, mayBePaid, store: this.store, clock, paying, changed },
    );
    this.#payment = payment;
    this.#watch = new ArrivalWatch({
      stats: async () => this.call()?.peer?.getStats(),
      isConnected: () => this.store.match?.call === "connected",
      missing: (what) => payment.finish(what),
    });
    paying();
    this.#changed();
  }

  stop(): void {
    this.#payment?.finish("stopped");
  }

  waive(): void {
    if (!this.#prices || this.#ownWaived) return;
    this.#ownWaived = true;
    this.#receipts?.finish("partner_stopped");
    this.#say({ says: "waived" });
    this.#changed();
  }

  /** What this side agrees to. @throws SatoshigleError if there is nothing, or if the budget is too small for it */
  #offer(budgetMsat: number): { matchId: string; priceMsat: number; clock: MatchClock } {
    const { store } = this;
    const [priceMsat, clock] = [this.#view?.partnerMsat ?? 0, this.#clock];
    if (!store.match || !clock || priceMsat === 0) throw noPartnerError("pay");
    const { matchId } = store.match;
    if (!Number.isSafeInteger(budgetMsat) || budgetMsat < priceMsat) {
      const problem = `budgetMsat must be a whole number of at least ${String(priceMsat)}, the price of a minute.`;
      throw new SatoshigleError("invalid", problem, { field: "budgetMsat" });
    }
    return { matchId, priceMsat, clock };
  }

  /** Resets for each match. The totals of the previous match stay visible until the next one begins. */
  #follow(): void {
    const matchId = this.store.match?.matchId;
    if (matchId === this.#currentId) return;
    this.#currentId = matchId;
    this.#end();
    if (matchId === undefined) return;
    this.#payment?.close();
    this.#receipts?.close();
    this.#payment = this.#receipts = undefined;
    this.#matchId = matchId;
    this.#begin(matchId);
    if (this.#prices || this.#view) this.#changed();
  }

  #end(): void {
    if (!this.#prices) return;
    this.#prices = this.#clock = undefined;
    this.#ownWaived = this.#partnerWaived = false;
    this.#payment?.finish("call_over");
    this.#receipts?.finish("call_over");
    this.#changed();
  }

  #begin(matchId: string): void {
    const prices = readPrices(this.store.matchFields ?? []);
    if (!prices) return;
    this.#prices = prices;
    this.#clock = new MatchClock(prices.startMs, this.session.clockOffsetMs);
    this.#receipts = new MinuteReceipts({
      ...{ store: this.store, matchId, priceMsat: prices.ownMsat },
      changed: () => this.#changed(),
      accept: async (id) => (await this.tips.load()).acceptTip(id),
    });
  }

  #heard(message: MinuteMessage | undefined): void {
    if (!message || !this.#prices) return;
    if (message.says === "waived") {
      this.#partnerWaived = true;
      this.#payment?.finish("partner_stopped");
      this.#changed();
    } else if (this.#ownWaived) {
      if (message.says === "paying") this.#say({ says: "waived" });
    } else if (message.says === "paid") this.#receipts?.finish(message.end);
    else if (message.msat === this.#prices.ownMsat) this.#receipts?.begin();
  }

  /** Tells the partner, whose client may not know such messages. */
  #say(message: MinuteMessage): void {
    if (!this.#prices) return; // the match is over, and the next call is with somebody else
    const loaded = this.call()?.inCall.load();
    loaded?.then((inCall) => inCall.send(MINUTES_TOPIC, encodeMinuteMessage(message))).catch(() => undefined);
  }

  #changed(): void {
    const given = this.#payment?.view ?? null;
    if (given?.end && this.#watch) {
      this.#watch.close();
      this.#watch = undefined;
      this.#say({ says: "paid", end: given.end });
    }
    const received = this.#receipts?.view ?? null;
    this.#view = this.#prices || given || received ? { ...this.#priceView(), given, received } : null;
    this.store.events.emit("minutes", this.#view);
  }

  #priceView(): Pick<MinutesView, "matchId" | "partnerMsat" | "ownMsat"> {
    const { partnerMsat = 0, ownMsat = 0 } = this.#prices ?? {};
    return {
      matchId: this.#matchId,
      partnerMsat: this.#partnerWaived ? 0 : partnerMsat,
      ownMsat: this.#ownWaived ? 0 : ownMsat,
    };
  }
}
