import type { Moderator } from "../core/case.js";
import type { DayBudget } from "../core/channel-command.js";
import {
  type ChannelAlert,
  type ChannelPolicy,
  CLOSED_POLICY,
  alertsOf,
  htlcBlocksLeft,
  levelsOf,
} from "../core/channel-policy.js";
import { DomainError, isStoreAway } from "../core/errors.js";
import { dayOf } from "../core/day.js";
import type { ChannelStore, NumberedCommand, StoredPolicy } from "../ports/channel-store.js";
import type { Clock } from "../ports/clock.js";
import type { NodeChannel, NodeChannelState } from "../ports/lightning-node.js";
import type { ChannelChange } from "./channel-changes.js";
import { type ChannelCommands, viewOf } from "./channel-commands.js";
import type { ChannelReconciliation } from "./channel-reconciliation.js";
import { isNodeAway, type NodeSight, type NodeWatch } from "./node-watch.js";
import { NEWEST, type Page, pageOf } from "./pagination.js";
import { runPeriodically } from "./periodic.js";

/** The pause between two looks for commands without an outcome, in milliseconds. */
const RECONCILE_MS = 5_000;

/** The node as an operator sees it. */
export interface NodeStatus {
  isAway: boolean;
  /** What was seen last; undefined if the node never answered. */
  sight: NodeSight | undefined;
  inboundSat: number;
  outboundSat: number;
  htlcBlocksLeft: number | undefined;
  alerts: ChannelAlert[];
}

export interface PolicyStatus extends Omit<StoredPolicy, "by"> {
  /** Empty if none is set. */
  by: Moderator | "";
  day: string;
  used: DayBudget;
}

/** A position in the changes of channels: the process, by the time of its start, and a number. */
export interface ChannelCursor {
  runMs: number;
  number: number;
}

/** What a watcher gets: that it starts again, or a change. */
export type WatchedChange = ChannelCursor & { change: ChannelChange | undefined };

interface ChannelsDependencies {
  commands: ChannelCommands;
  watch: NodeWatch;
  reconciliation: ChannelReconciliation;
  store: ChannelStore;
  clock: Clock;
  onError: (error: unknown) => void;
}

/** Lets operators watch and manage the channels of their node. */
export class Channels {
  readonly commands: ChannelCommands;
  readonly #runMs: number;
  #stopReconciling: () => void = () => undefined;

  constructor(private readonly deps: ChannelsDependencies) {
    this.commands = deps.commands;
    this.#runMs = deps.clock.nowMs();
  }

  start(): void {
    const { watch, reconciliation, clock, onError } = this.deps;
    watch.start();
    const act = () =>
      reconciliation.run().catch((error: unknown) => {
        if (!isAwayError(error)) throw error;
      });
    this.#stopReconciling = runPeriodically(clock, { pauseMs: RECONCILE_MS, act, onError });
  }

  stop(): void {
    this.#stopReconciling();
    this.deps.watch.stop();
  }

  /** Looks at the node first. @throws DomainError `store_away` */
  async node(): Promise<NodeStatus> {
    await this.deps.watch.look().catch((error: unknown) => {
      if (!isAwayError(error)) throw error;
    });
    return this.status();
  }

  /** What was seen last. @throws DomainError `store_away` */
  async status(): Promise<NodeStatus> {
    const { watch, store, reconciliation } = this.deps;
    const { sight, isAway } = watch;
    const view = sight && viewOf(sight);
    const policy = (await store.policy())?.policy ?? CLOSED_POLICY;
    return {
      ...{ isAway, sight, ...levelsOf(sight?.channels ?? []), htlcBlocksLeft: view && htlcBlocksLeft(view) },
      alerts: alertsOf(policy, view, { isAway, uncertain: reconciliation.uncertain }),
    };
  }

  /**
   * Lists channels by ID.
   * @param after the ID of the last one of the page before
   * @param states empty for all
   * @throws DomainError `node_away`
   */
  async list(size: number, after: string, states: readonly NodeChannelState[]) {
    const sight = await this.deps.watch.look();
    const found = sight.channels
      .filter(({ channelId, state }) => channelId > after && (states.length === 0 || states.includes(state)))
      .sort((one, other) => (one.channelId < other.channelId ? -1 : 1));
    const items: NodeChannel[] = found.slice(0, size);
    return { items, last: found.length > size ? items.at(-1)?.channelId : undefined, sight };
  }

  /** Yields the changes after a cursor, or that the list starts again and then all channels. @throws DomainError `node_away` */
  async *watch(cursor: ChannelCursor | undefined, signal: AbortSignal): AsyncGenerator<WatchedChange> {
    const { watch } = this.deps;
    const runMs = this.#runMs;
    if (watch.sight === undefined) await watch.look();
    const canContinue = cursor?.runMs === runMs && watch.has(cursor.number);
    const after = canContinue ? cursor.number : 0;
    if (!canContinue) yield { runMs, number: 0, change: undefined };
    for await (const change of watch.changes(after, signal)) yield { runMs, number: change.number, change };
  }

  /** The height by which the blocks until the expiry of a payment are counted. */
  get blockHeight(): number {
    return this.deps.watch.sight?.info.blockHeight ?? 0;
  }

  async policy(): Promise<PolicyStatus> {
    const { store, clock } = this.deps;
    const day = dayOf(clock.nowMs());
    const [stored, { used }] = await Promise.all([store.policy(), store.due(day)]);
    return { ...(stored ?? { policy: CLOSED_POLICY, revision: 0, by: "", atMs: 0 }), day, used };
  }

  /** @returns the new revision @throws DomainError `policy_changed` */
  async setPolicy(policy: ChannelPolicy, by: Moderator, revision: number | undefined): Promise<number> {
    const { store, clock } = this.deps;
    const set = await store.setPolicy({ policy, by, atMs: clock.nowMs(), revision });
    if (set !== undefined) return set;
    const message = "revision: somebody changed the policy meanwhile; read it again";
    throw new DomainError("policy_changed", message, { field: "revision" });
  }

  /** Lists commands, the newest first. */
  async listCommands(size: number, before = NEWEST): Promise<Page<NumberedCommand>> {
    return pageOf(await this.deps.store.before(before, size), size);
  }
}

function isAwayError(error: unknown): boolean {
  return isStoreAway(error) || isNodeAway(error);
}
