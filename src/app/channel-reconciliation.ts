import type { ChannelCommand, Conclusion } from "../core/channel-command.js";
import { effectOf } from "../core/channel-effect.js";
import { dayOf } from "../core/day.js";
import type { ChannelStore } from "../ports/channel-store.js";
import type { Clock } from "../ports/clock.js";
import type { NodeSight, NodeWatch } from "./node-watch.js";

/** How long, in milliseconds: */
export interface ReconciliationSettings {
  /** a command stays booked before it is taken for one whose process stopped before it asked. */
  bookedMs: number;
  /** the process that asked the node may still be waiting for it. */
  callMs: number;
  /** the effect of a command may take to show. Longer than `callMs`. */
  graceMs: number;
}

export const reconciliationTimes: ReconciliationSettings = { bookedMs: 60_000, callMs: 120_000, graceMs: 600_000 };

const NOT_SENT = "the server stopped before it asked the node";
const NO_EFFECT = "the node did not answer, and shows no effect; it was not asked again";

interface ReconciliationDependencies {
  store: ChannelStore;
  watch: Pick<NodeWatch, "look">;
  clock: Clock;
  settings: ReconciliationSettings;
}

/**
 * Finds out what became of commands whose process stopped, or whose node went away, from the channels of the node. It never
 * asks the node to do anything. Several instances may do it at once: the first outcome stands.
 */
export class ChannelReconciliation {
  #uncertain = 0;

  constructor(private readonly deps: ReconciliationDependencies) {}

  /** How many commands had no outcome at the last run, although nobody waits for it any more. */
  get uncertain(): number {
    return this.#uncertain;
  }

  /** @throws DomainError `store_away`, `node_away` */
  async run(): Promise<void> {
    const { store, watch, clock, settings } = this.deps;
    const nowMs = clock.nowMs();
    const { commands } = await store.due(dayOf(nowMs));
    const asked = commands.filter(({ state }) => state === "asked");
    this.#uncertain = asked.filter((command) => isOlder(command, settings.callMs, nowMs)).length;
    for (const command of commands) {
      if (command.state === "booked" && nowMs - command.bookedMs >= settings.bookedMs)
        await this.#conclude(command, "refused", { words: NOT_SENT });
    }
    if (asked.length === 0) return;
    const sight = await watch.look();
    for (const command of asked) await this.#settle(command, sight, asked, nowMs);
  }

  async #settle(command: ChannelCommand, sight: NodeSight, asked: readonly ChannelCommand[], nowMs: number) {
    const { callMs, graceMs } = this.deps.settings;
    const { storesCommandIds, isSynced } = sight.info;
    const effect = effectOf(command, sight.channels, storesCommandIds);
    if (effect.state === "done") {
      const { channelId } = effect;
      await this.#conclude(command, "done", channelId === undefined ? {} : { channelId });
      return;
    }
    if (effect.state === "perhaps") {
      // While another command alike is under way, its channel could be taken for that of this one.
      if (asked.some((other) => isAlike(other, command) && !isOlder(other, callMs, nowMs))) return;
      for (const channelId of effect.channelIds) {
        if (await this.#conclude(command, "done", { channelId })) return;
      }
    }
    if (isSynced && isOlder(command, graceMs, nowMs)) await this.#conclude(command, "unknown", { words: NO_EFFECT });
  }

  /** @returns false if the channel is the effect of another command */
  async #conclude(
    { id }: ChannelCommand,
    state: Conclusion["state"],
    more: Partial<Pick<Conclusion, "words" | "channelId">>,
  ): Promise<boolean> {
    const atMs = this.deps.clock.nowMs();
    return (await this.deps.store.conclude(id, { state, atMs, words: "", ...more })) !== "taken";
  }
}

function isOlder({ askedMs = 0 }: ChannelCommand, ms: number, nowMs: number): boolean {
  return nowMs - askedMs >= ms;
}

function isAlike({ act: one }: ChannelCommand, { act: other }: ChannelCommand): boolean {
  if (one.kind !== "open" || other.kind !== "open") return false;
  return one.peerId === other.peerId && one.capacitySat === other.capacitySat;
}
