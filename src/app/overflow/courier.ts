import type { Event } from "../../core/event.js";
import type { Ending } from "../../core/guest.js";
import { closingCause } from "../../core/match.js";
import type { Clock } from "../../ports/clock.js";
import { Notifier } from "../notifier.js";
import type { Half } from "./half.js";
import type { Patience } from "./patience.js";

/** How often a mailbox is read without a notification, and delivered events are trimmed, in milliseconds. */
const REVIEW_MS = 15_000;
/** What was appended so shortly before a read may have become visible after it, in milliseconds. */
const MARGIN_MS = 5_000;

/** `replaced`: another instance relays this match now. */
export type Outcome = "ended" | "replaced";

/** Carries what one guest of a match receives to the guest in the other realm, in order and once. */
export class Courier {
  readonly #notifier = new Notifier();
  /** When the last event was relayed whose trimming is due. */
  #relayedMs: number | undefined;

  constructor(
    private readonly from: Half,
    private readonly to: Half,
    private readonly patience: Patience,
    private readonly clock: Clock,
  ) {}

  /** @throws Stopped */
  async run(): Promise<Outcome> {
    const { from } = this;
    const stopWatching = from.realm.mailbox.watch(from.guestId, () => {
      this.#notifier.notify();
    });
    try {
      for (;;) {
        this.#notifier.reset();
        const outcome = await this.#deliver();
        if (outcome !== undefined) return outcome;
      }
    } finally {
      stopWatching();
    }
  }

  wake(): void {
    this.#notifier.notify();
  }

  /** Relays the next events, or waits for some. Returns the outcome at the end of the match. */
  async #deliver(): Promise<Outcome | undefined> {
    const readMs = this.from.realm.clock.nowMs();
    const mail = await this.patience.until(() => this.from.read());
    switch (mail.state) {
      case "events":
        for (const { event, sequence } of mail.events) {
          const ending = await this.#relay(event);
          if (ending !== undefined) return this.#end(ending);
          this.from.afterSequence = sequence;
          this.#relayedMs = readMs;
        }
        if (mail.events.length === 0) await this.#wait();
        return undefined;
      case "retaken":
        return undefined;
      case "gap":
        return (await this.patience.until(() => this.from.takeOver(true))) ? undefined : this.#end(this.to.lost);
      case "replaced":
        return "replaced";
      case "closed":
        // The partner there cannot know who closed it here, so it is as if this guest's person had done it.
        return this.#end({ cause: closingCause[mail.reason], initiator: this.to.role });
    }
  }

  /** Returns how the match ended, if the event says so, or because signals were lost. */
  async #relay(event: Event): Promise<Ending | undefined> {
    const { from, to, patience } = this;
    if (!("matchId" in event) || event.matchId !== from.matchId) return undefined;
    switch (event.type) {
      case "signaled": {
        const isComplete = await patience.until(() => this.#post(event));
        return isComplete ? undefined : this.to.lost;
      }
      case "partner_away":
        await patience.until(() => to.leaveUntil(event.deadlineMs, from.realm));
        return undefined;
      case "partner_back":
        await patience.until(() => to.takeOver(false));
        return undefined;
      case "match_ended":
        return event.ending ?? to.lost;
      default:
        return undefined;
    }
  }

  /** Returns false if signals before these were lost. */
  async #post({ signals, post }: Extract<Event, { type: "signaled" }>): Promise<boolean> {
    if (post === undefined) return true;
    const { realm, guestId, matchId } = this.to;
    const { clientSequence, ...descriptions } = post;
    const nowMs = realm.clock.nowMs();
    const posted = { sessionId: guestId, matchId, clientSequence, signals, descriptions, nowMs };
    const { state } = await realm.lobby.relay(posted);
    return state !== "gap";
  }

  async #end(ending: Ending): Promise<Outcome> {
    await this.patience.until(() => this.to.depart(ending));
    await this.patience.until(() => this.from.depart(ending));
    return "ended";
  }

  async #wait(): Promise<void> {
    const cancel = this.clock.after(REVIEW_MS, () => {
      this.#notifier.notify();
    });
    const startMs = this.clock.nowMs();
    await this.#notifier.wait();
    cancel();
    if (this.clock.nowMs() - startMs >= REVIEW_MS) await this.#trim();
  }

  async #trim(): Promise<void> {
    const relayedMs = this.#relayedMs;
    if (relayedMs === undefined) return;
    this.#relayedMs = undefined;
    await this.patience.until(() => this.from.realm.mailbox.trim(this.from.guestId, relayedMs - MARGIN_MS));
  }
}
