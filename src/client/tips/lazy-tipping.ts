import type { Welcome } from "../gen/satoshigle/v1/event_pb.js";
import type { Tip as WireTip } from "../gen/satoshigle/v1/tip_pb.js";
import { handlerError, toSatoshigleError } from "../connection/error-mapping.js";
import { noPartnerError, SatoshigleError } from "../errors.js";
import { loadModule } from "../load-module.js";
import type { Tips } from "../types.js";
import { LoadingStream } from "./loading-stream.js";
import { readStoredTips, restoredTip } from "./stored-tips.js";
import { toTipTerms } from "./terms.js";
import { checkSatsStream, checkTip, noWalletError } from "./tip-rules.js";
import type { Tipping, TippingDependencies } from "./tipping.js";
import type { SatsStream, SatsStreamOptions, Tip, TipTotals } from "./types.js";

/** A server reports far fewer tips while the code loads. */
const MAX_WAITING_REPORTS = 1_000;

const importTipping = () => import("./tipping.js");

type WalletSettings = Parameters<Tips["setWallet"]>;

/**
 * The tips of this side. Most calls have none, so the code for them is loaded at the first use: by a method, by the
 * server's report about a tip, or at once if an earlier page left a tip unfinished. Meanwhile reports wait in order.
 */
export class LazyTipping {
  readonly #dependencies: TippingDependencies;
  readonly #import: typeof importTipping;
  #tipping: Tipping | undefined;
  #loading: Promise<Tipping> | undefined;
  /** What the server has reported since, the oldest first. */
  #reports: WireTip[] = [];
  #walletSettings: WalletSettings = [null];
  #lastMatchId = "";
  readonly #abort = new AbortController();

  constructor(dependencies: Omit<TippingDependencies, "stored">, load = importTipping) {
    const stored = readStoredTips(dependencies.baseUrl, dependencies.storage);
    this.#dependencies = { ...dependencies, stored };
    this.#import = load;
    dependencies.store.events.on("matched", ({ matchId }) => (this.#lastMatchId = matchId));
    this.#loadForWaiting();
  }

  get tips(): readonly Tip[] {
    return this.#tipping?.tips ?? this.#dependencies.stored.map(restoredTip);
  }

  tipTotals(matchId = this.#lastMatchId): TipTotals {
    const nothing = { givenMsat: 0, receivedMsat: 0, unprovedGivenMsat: 0, unprovedReceivedMsat: 0 };
    return this.#tipping?.tipTotals(matchId) ?? nothing;
  }

  setWallet(...settings: WalletSettings): void {
    this.#walletSettings = settings;
    this.#tipping?.setWallet(...settings);
  }

  async tip(amountMsat: number, comment = ""): Promise<Tip> {
    if (this.#tipping) return this.#tipping.tip(amountMsat, comment);
    const matchId = checkTip(this.#dependencies.store.state, amountMsat);
    const tipping = await this.load();
    this.#assertStillIn(matchId);
    return tipping.tip(amountMsat, comment);
  }

  /** Loads the code unless it is there. After a failure the next use tries again. */
  async load(): Promise<Tipping> {
    return this.#tipping ?? (this.#loading ??= this.#begin().finally(() => (this.#loading = undefined)));
  }

  streamSats(options: SatsStreamOptions): SatsStream {
    if (this.#tipping) return this.#tipping.streamSats(options);
    const [wallet] = this.#walletSettings;
    if (!wallet?.pay) throw noWalletError();
    const matchId = checkSatsStream(this.#dependencies.store.state, options);
    return new LoadingStream(this.#beginStream(options, matchId));
  }

  /** Adopts the terms and tips that a new stream begins with. */
  welcome(welcome: Welcome): void {
    this.#dependencies.store.setTips(toTipTerms(welcome));
    for (const tip of welcome.tips) this.tipUpdated(tip);
    this.#loadForWaiting();
  }

  /** Applies what the server reports about a tip, once the code for it is there. */
  tipUpdated(tip: WireTip | undefined): void {
    if (!tip) return;
    if (this.#tipping) {
      this.#tipping.tipUpdated(tip);
      return;
    }
    this.#reports = [...this.#reports, tip].slice(-MAX_WAITING_REPORTS);
    this.#loadForWaiting();
  }

  close(reason: SatoshigleError): void {
    this.#abort.abort(reason);
    this.#reports = [];
    this.#tipping?.close(reason);
  }

  async #beginStream(options: SatsStreamOptions, matchId: string): Promise<SatsStream> {
    try {
      const tipping = await this.load();
      this.#assertStillIn(matchId);
      return tipping.streamSats(options);
    } catch (error) {
      if (error instanceof SatoshigleError && error.code !== "match_over") this.#emitError(error);
      throw error;
    }
  }

  /** The partner may have changed while the code was loaded, and must not get what was meant for another. */
  #assertStillIn(matchId: string): void {
    if (this.#dependencies.store.match?.matchId !== matchId) throw noPartnerError("tip");
  }

  /** Loads the code if something waits for it. As no caller gets the result, a failure is an event. */
  #loadForWaiting(): void {
    const isNeeded = this.#reports.length > 0 || this.#dependencies.stored.length > 0;
    if (!isNeeded || this.#tipping || this.#loading) return;
    this.load().catch((error: unknown) => this.#emitError(error));
  }

  async #begin(): Promise<Tipping> {
    this.#abort.signal.throwIfAborted();
    const { Tipping } = await loadModule("tips", this.#import);
    this.#abort.signal.throwIfAborted();
    const tipping = new Tipping(this.#dependencies);
    tipping.setWallet(...this.#walletSettings);
    this.#tipping = tipping;
    for (const tip of this.#reports.splice(0)) this.#apply(tipping, tip);
    return tipping;
  }

  /** As on the stream, a report that cannot be processed must not stop those after it. */
  #apply(tipping: Tipping, tip: WireTip): void {
    try {
      tipping.tipUpdated(tip);
    } catch (error) {
      this.#emitError(handlerError(error));
    }
  }

  #emitError(error: unknown): void {
    if (!this.#abort.signal.aborted) this.#dependencies.store.events.emit("error", toSatoshigleError(error));
  }
}
