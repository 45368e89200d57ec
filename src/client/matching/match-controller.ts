import type { Api } from "../connection/api.js";
import type { Calls } from "../call/calls.js";
import type { CommandQueue } from "./command-queue.js";
import { OfferStatus } from "./offer-status.js";
import { SatoshigleError } from "../errors.js";
import { toSatoshigleError } from "../connection/error-mapping.js";
import type { PreparedOffers } from "../call/prepared-offer.js";
import type { Session } from "../connection/session.js";
import type { Activity, EndReason, Preferences, ReportReason } from "../types.js";
import type { StateStore } from "../state-store.js";
import { fromPreferences, fromReportReason } from "../connection/codec.js";

export interface MatchControllerDependencies {
  view: StateStore;
  api: Api;
  session: Session;
  commands: CommandQueue;
  calls: Calls;
  preparation: PreparedOffers;
  rematch: boolean;
}

/** What the person asks for. The view follows at once, the server as soon as it can. */
export class MatchController {
  readonly delivery = new OfferStatus();
  /** What the server last said this session is doing. */
  serverPhase: Activity["phase"] = "idle";
  /** The match this side has left while the server may not know it yet. */
  leftMatchId: string | undefined;
  /** Preferences changed during a match, so a queue entered by itself has the old ones. */
  preferencesChanged = false;
  readonly #parts: MatchControllerDependencies;

  constructor(parts: MatchControllerDependencies) {
    this.#parts = parts;
    parts.preparation.relayWished = parts.session.preferences.relayOnly ?? false;
  }

  start(preferences?: Preferences): Promise<void> {
    const { view, session, preparation } = this.#parts;
    session.want(true, preferences ?? session.preferences);
    preparation.relayWished = session.preferences.relayOnly ?? false;
    if (view.match) {
      this.preferencesChanged = true;
      return Promise.resolve();
    }
    if (view.state.activity.phase === "idle") view.setActivity(newWait());
    return this.look();
  }

  next(): Promise<void> {
    const { view, session } = this.#parts;
    session.want(true);
    const { match } = view;
    if (match?.signaled) this.leftMatchId = match.matchId;
    if (match) this.finish("left", true);
    else if (view.state.activity.phase === "idle") view.setActivity(newWait());
    return this.look();
  }

  stop(): Promise<void> {
    const { view, session, commands, api, preparation } = this.#parts;
    session.want(false);
    preparation.release();
    const { match } = view;
    if (match?.signaled) this.leftMatchId = match.matchId;
    if (match) this.finish("left", false);
    else view.setActivity({ phase: "idle" });
    return commands.submit("leave", () => api.leave());
  }

  async report(reason: ReportReason, comment: string, matchId: string | undefined): Promise<void> {
    const { view, commands, api, calls } = this.#parts;
    const id = matchId ?? view.match?.matchId;
    if (id === undefined) throw new SatoshigleError("match_over", "There is nobody to report.");
    await commands.submit("report", () => api.report({ matchId: id, reason: fromReportReason(reason), comment }));
    if (view.match?.matchId !== id) return;
    // The stream tells the rest; the picture must not wait for it.
    calls.end();
    view.setPartnerStream(null);
  }

  /** The person pressed stop, and what the server does for us is not wanted any more. */
  isUnwanted(): boolean {
    return !this.#parts.session.wanted || this.#parts.commands.pending("leave");
  }

  /** Asks for a partner. */
  look(): Promise<void> {
    const asked = this.#parts.commands.submit("match", () => this.#match());
    return asked.catch((error: unknown) => {
      this.#refused();
      throw error;
    });
  }

  /** Asks for a partner when nobody pressed a button for it. */
  lookAgain(): void {
    const { view } = this.#parts;
    this.look().catch((error: unknown) => view.events.emit("error", toSatoshigleError(error)));
  }

  /** The server holds on to what the person does not want. */
  settle(): void {
    const { commands, api } = this.#parts;
    if (commands.pending("leave")) return;
    // What stays wrong then shows in the next snapshot.
    commands.submit("leave", () => api.leave()).catch(() => undefined);
  }

  /** The current match is over for this side. */
  finish(reason: EndReason, requeued: boolean): void {
    const { view, session, calls, preparation } = this.#parts;
    const { match } = view;
    if (!match) return;
    calls.end();
    if (!requeued) session.want(false);
    view.setActivity(requeued ? newWait() : { phase: "idle" });
    view.setPartnerStream(null);
    view.events.emit("ended", { matchId: match.matchId, reason, requeued });
    if (requeued) void preparation.warm();
  }

  /** The call ended without the server: go on as the server would have. */
  lost(): void {
    const { rematch, session } = this.#parts;
    const again = rematch && session.wanted;
    this.finish("call_lost", again);
    if (again) this.lookAgain();
  }

  async #match(): Promise<void> {
    const { view, api, session, preparation, rematch } = this.#parts;
    const peer = view.match ? undefined : await preparation.hold();
    const leaveMatchId = this.leftMatchId ?? "";
    if (peer) this.delivery.sent(leaveMatchId, this.serverPhase === "waiting");
    const preferences = fromPreferences(session.preferences);
    this.preferencesChanged = false;
    await api.match({ preferences, rematch, leaveMatchId, ...(peer && { offer: peer.publish() }) });
  }

  #refused(): void {
    const { view, session, preparation, commands } = this.#parts;
    preparation.release();
    this.delivery.waited();
    if (view.match || commands.pending("match")) return;
    if (this.leftMatchId === undefined && this.serverPhase === "waiting") return;
    session.want(false);
    view.setActivity({ phase: "idle" });
    if (this.serverPhase !== "idle") this.settle();
  }
}

/** What is known of a wait that has just begun. */
export function newWait(): Activity {
  return {
    phase: "waiting",
    sinceMs: Date.now(),
    waitingCount: 1,
    estimatedWaitMs: undefined,
    widened: false,
    onlyRecentPartners: false,
  };
}
