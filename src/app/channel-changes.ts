import { isDeepStrictEqual } from "node:util";
import type { NodeChannel } from "../ports/lightning-node.js";

/** A channel after a change; without `channel` the node no longer knows it. */
export interface ChannelChange {
  number: number;
  channelId: string;
  channel?: NodeChannel | undefined;
}

/** How many channels that the node no longer knows are remembered for those who watch. */
const FORGOTTEN = 1_000;

/** Numbers the changes between the lists of channels that the node gives, for as long as the process lives. */
export class ChannelChanges {
  /** By ID, in the order of their last changes. */
  readonly #latest = new Map<string, ChannelChange>();
  #last = 0;
  /** A reader that has seen less must start again. */
  #lowest = 0;
  #forgotten = 0;

  /** @returns whether something changed */
  update(channels: readonly NodeChannel[]): boolean {
    const before = this.#last;
    const ids = new Set(channels.map(({ channelId }) => channelId));
    for (const channel of channels) {
      const known = this.#latest.get(channel.channelId)?.channel;
      if (!isDeepStrictEqual(known, channel)) this.#note(channel.channelId, channel);
    }
    for (const { channelId, channel } of [...this.#latest.values()]) {
      if (channel !== undefined && !ids.has(channelId)) this.#note(channelId, undefined);
    }
    if (this.#forgotten > FORGOTTEN) this.#drop();
    return this.#last > before;
  }

  /** Whether a reader that has seen the changes up to a number can continue. */
  has(number: number): boolean {
    return number >= this.#lowest && number <= this.#last;
  }

  /** Returns the last change of each channel with a higher number, the lowest first. */
  after(number: number, limit: number): ChannelChange[] {
    return [...this.#latest.values()].filter((change) => change.number > number).slice(0, limit);
  }

  #note(channelId: string, channel: NodeChannel | undefined): void {
    const known = this.#latest.get(channelId);
    if (known !== undefined && known.channel === undefined) this.#forgotten--;
    if (channel === undefined) this.#forgotten++;
    this.#latest.delete(channelId);
    this.#latest.set(channelId, { number: ++this.#last, channelId, channel });
  }

  #drop(): void {
    for (const { channelId, channel, number } of [...this.#latest.values()]) {
      if (this.#forgotten <= FORGOTTEN) return;
      if (channel !== undefined) continue;
      this.#latest.delete(channelId);
      this.#forgotten--;
      this.#lowest = number;
    }
  }
}
