import { DomainError } from "../core/errors.js";
import type { Clock } from "../ports/clock.js";
import {
  type LightningNode,
  NodeAway,
  type NodeBalances,
  type NodeChannel,
  type NodeInfo,
  NodeRefusal,
} from "../ports/lightning-node.js";
import { ChangeFeed } from "./change-feed.js";
import { type ChannelChange, ChannelChanges } from "./channel-changes.js";
import { runPeriodically } from "./periodic.js";

/** How often the node is looked at without a sign of a change, in milliseconds. */
const POLL_MS = 15_000;
/** The pause between two looks for changes, and before a node that went away is followed again, in milliseconds. */
const PAUSE_MS = 250;
const RETRY_MS = 2_000;
/** The retry delay for callers while the node is away, in milliseconds. */
const AWAY_MS = 5_000;

/** The node at a moment. */
export interface NodeSight {
  atMs: number;
  info: NodeInfo;
  balances: NodeBalances;
  channels: NodeChannel[];
}

interface NodeWatchDependencies {
  node: LightningNode;
  clock: Clock;
  /** Called when the node goes away, and when it is back. */
  onAway: (isAway: boolean) => void;
  onError: (error: unknown) => void;
}

/** Looks at the operator's node, and keeps what it saw last. */
export class NodeWatch {
  readonly #changes = new ChannelChanges();
  readonly #feed: ChangeFeed<ChannelChange>;
  readonly #ending = new AbortController();
  #stopPolling: () => void = () => undefined;
  #sight: NodeSight | undefined;
  #isAway: boolean | undefined;
  /** Number of the latest look, and of the latest that was answered. */
  #looks = 0;
  #seen = 0;

  constructor(private readonly deps: NodeWatchDependencies) {
    this.#feed = new ChangeFeed((after, limit) => Promise.resolve(this.#changes.after(after, limit)), deps.clock);
  }

  /** What was seen last; undefined if the node never answered. */
  get sight(): NodeSight | undefined {
    return this.#sight;
  }

  /** Whether the last look failed, or there was none. */
  get isAway(): boolean {
    return this.#isAway !== false;
  }

  start(): void {
    const { clock, onError } = this.deps;
    const act = () => this.#tryToLook();
    this.#stopPolling = runPeriodically(clock, { pauseMs: POLL_MS, act, onError });
    this.#follow(this.#ending.signal).catch(onError);
  }

  stop(): void {
    this.#ending.abort();
    this.#stopPolling();
  }

  /** Reads the node now. @throws DomainError `node_away` */
  async look(): Promise<NodeSight> {
    const { node, clock } = this.deps;
    const look = ++this.#looks;
    try {
      const [info, balances, channels] = await Promise.all([node.info(), node.balances(), node.channels()]);
      const sight = { atMs: clock.nowMs(), info, balances, channels };
      this.#note(look, sight);
      return sight;
    } catch (error) {
      if (look > this.#seen) this.#turn(true);
      throw nodeError(error);
    }
  }

  /** Whether a reader of `changes` that has seen the changes up to a number can continue. */
  has(number: number): boolean {
    return this.#changes.has(number);
  }

  /** Yields the last change of each channel after a number, then further ones. */
  changes(after: number, signal: AbortSignal): AsyncGenerator<ChannelChange> {
    return this.#feed.watch(after, AbortSignal.any([signal, this.#ending.signal]));
  }

  #note(look: number, sight: NodeSight): void {
    if (look < this.#seen) return; // a later look was answered earlier
    this.#seen = look;
    this.#sight = sight;
    this.#turn(false);
    if (this.#changes.update(sight.channels)) this.#feed.notify();
  }

  #turn(isAway: boolean): void {
    const wasAway = this.#isAway;
    this.#isAway = isAway;
    if (wasAway !== isAway && (isAway || wasAway !== undefined)) this.deps.onAway(isAway);
  }

  async #tryToLook(): Promise<void> {
    await this.look().catch((error: unknown) => {
      if (!isNodeAway(error)) this.deps.onError(error);
    });
  }

  /** The node yields at once. Never rejects. */
  async #follow(signal: AbortSignal): Promise<void> {
    const stopped = () => signal.aborted;
    while (!stopped()) {
      const changes = this.deps.node.changes(signal)[Symbol.asyncIterator]();
      try {
        while ((await changes.next()).done !== true) {
          await this.#tryToLook();
          await this.#pause(PAUSE_MS);
        }
      } catch (error) {
        if (!(error instanceof NodeAway) && !stopped()) this.deps.onError(error);
      }
      if (!stopped()) await this.#pause(RETRY_MS);
    }
  }

  #pause(ms: number): Promise<void> {
    const { signal } = this.#ending;
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const cancel = this.deps.clock.after(ms, end);
      signal.addEventListener("abort", end);
      if (signal.aborted) end();
    });
  }
}

/** Maps an error of the port to the one that callers get. */
export function nodeError(error: unknown): unknown {
  if (error instanceof NodeRefusal) return new DomainError("node_refused", error.message);
  if (!(error instanceof NodeAway)) return error;
  const message = "the Lightning node does not answer; try again later";
  return new DomainError("node_away", message, { retryAfterMs: AWAY_MS });
}

/** Whether a call failed because the node does not answer. */
export function isNodeAway(error: unknown): boolean {
  return error instanceof DomainError && error.reason === "node_away";
}
