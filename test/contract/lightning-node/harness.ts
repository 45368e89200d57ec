import type { LightningNode, NodeChannel, NodeChannelState, OpenTerms } from "../../../src/ports/lightning-node.js";
import { soon } from "../../support/soon.js";

/** The least that the node under test has confirmed on the chain when a suite begins, in satoshis. */
export const FUNDS_SAT = 5_000_000;

/** Capacity of the channels that tests open, in satoshis; a quarter of it is pushed to the peer. */
export const CAPACITY_SAT = 400_000;
export const PUSHED_SAT = 100_000;

/** What an adapter's node can do. A method that it cannot do must reject with `NodeRefusal`. */
export interface Abilities {
  holdInvoices: boolean;
  setsFees: boolean;
  /** Takes the fee rates of terms. If not, they leave the choice to the node. */
  takesFeeRates: boolean;
  /** Opens channels that others may use, besides private ones. */
  opensPublicChannels: boolean;
  /** The most that closing costs, in satoshis. */
  closingFeeSat: number;
  /** Counts the blocks until the money of a force-closed channel can be spent. */
  countsBlocksLeft: boolean;
}

/** Another node, which accepts channels and pays. */
export interface Peer {
  nodeId: string;
  /** `host:port`. */
  address: string;
  /** Pays an invoice. Resolves with the preimage in hexadecimal, and rejects if the money came back. */
  pay(invoice: string): Promise<string>;
}

/** A node under test with a peer and a chain of regtest, for a whole suite. Other channels may exist already. */
export interface NodeHarness {
  /** The adapter under test. It stays the same when the node stops and starts. */
  node: LightningNode;
  peer: Peer;
  abilities: Abilities;
  /** Mines blocks, and returns once the node knows them. */
  mine(blocks: number): Promise<void>;
  /** Makes the node unreachable. What it stores is kept. */
  stop(): Promise<void>;
  /** Starts it again, and returns once it answers and is connected to the peer. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Blocks that make a transaction final for every implementation. */
const FINAL = 8;

/** Common steps of the tests of a node. */
export class NodeSteps {
  #commands = 0;

  constructor(readonly harness: NodeHarness) {}

  /** Terms of a channel to the peer. */
  terms(changed: Partial<OpenTerms> = {}): OpenTerms {
    const { nodeId: peerId, address: peerAddress } = this.harness.peer;
    const commandId = `command-${String(Date.now())}-${String(++this.#commands)}`;
    const amounts = { capacitySat: CAPACITY_SAT, pushSat: PUSHED_SAT, feeRateSatPerVbyte: this.rate(2) };
    const isPrivate = !this.harness.abilities.opensPublicChannels;
    return { commandId, peerId, peerAddress, isPrivate, ...amounts, ...changed };
  }

  /** A fee rate for the terms of a command. */
  rate(satPerVbyte: number): number {
    return this.harness.abilities.takesFeeRates ? satPerVbyte : 0;
  }

  /** Opens a channel and waits until it can be used. */
  async openChannel(changed: Partial<OpenTerms> = {}): Promise<NodeChannel> {
    const { channelId } = await this.harness.node.open(this.terms(changed));
    await this.harness.mine(FINAL);
    return this.reaches(channelId, "open");
  }

  async find(channelId: string): Promise<NodeChannel | undefined> {
    return (await this.harness.node.channels()).find((channel) => channel.channelId === channelId);
  }

  /** Waits until a channel is in one of these states. */
  reaches(channelId: string, ...states: NodeChannelState[]): Promise<NodeChannel> {
    return soon(async () => {
      const channel = await this.find(channelId);
      if (channel === undefined) throw new Error(`${channelId} is not known`);
      if (!states.includes(channel.state)) throw new Error(`${channelId} is ${channel.state}`);
      return channel;
    });
  }

  /** Mines until the money of a closed channel is back. */
  async mineUntilClosed(channelId: string): Promise<void> {
    await soon(async () => {
      const { state, blocksLeft = 0 } = await this.reaches(channelId, "closing", "force_closing", "closed");
      if (state === "closed") return;
      await this.harness.mine(Math.max(blocksLeft, FINAL));
      throw new Error(`${channelId} is ${state}`);
    });
  }
}
