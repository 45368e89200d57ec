import type { Channel } from "../../../gen/lnrpc/lightning_pb.js";
import {
  type ChannelFees,
  type CloseTerms,
  type HeldPayment,
  type HoldTerms,
  type LightningNode,
  NodeAway,
  type NodeBalances,
  type NodeChannel,
  type NodeCost,
  type NodeInfo,
  NodeRefusal,
  type OpenTerms,
} from "../../ports/lightning-node.js";
import { closedChannel, feesOf, openChannel, pendingChannels } from "./channels.js";
import { type LndAddress, LndConnection } from "./connection.js";
import { answerOf, nodeError } from "./errors.js";
import { LndHolds } from "./holds.js";
import { anyScriptAddress, channelIdOf, channelPointOf } from "./outpoint.js";
import { watchChannels } from "./watch.js";

export interface LndSettings extends LndAddress {
  /** How long LND has to answer. Opening and closing take the peer's part too. */
  deadlines?: { askMs: number; commandMs: number };
}

const DEADLINES = { askMs: 10_000, commandMs: 60_000 };

/** The number of blocks for which LND chooses a fee rate when it is given none. */
const LND_TARGET_BLOCKS = 6;

/** A closing transaction with two outputs, of which one pays to Taproot. */
const CLOSING_VBYTES = 180;

const NETWORKS: Partial<Record<string, NodeInfo["network"]>> = {
  ...{ mainnet: "bitcoin", testnet: "testnet", testnet4: "testnet", signet: "signet", regtest: "regtest" },
};

/** The operator's LND, by its gRPC API. Not yet run against LND: tests run it against a server of LND's own protos. */
export class LndNode implements LightningNode {
  readonly #connection: LndConnection;
  readonly #holds: LndHolds;
  readonly #asking: { timeoutMs: number };
  readonly #commanding: { timeoutMs: number };

  constructor({ deadlines = DEADLINES, ...address }: LndSettings) {
    this.#connection = new LndConnection(address);
    this.#holds = new LndHolds(this.#connection, deadlines.askMs);
    this.#asking = { timeoutMs: deadlines.askMs };
    this.#commanding = { timeoutMs: deadlines.commandMs };
  }

  async info(): Promise<NodeInfo> {
    const info = await answerOf(this.#lightning.getInfo({}, this.#asking));
    const name = info.chains[0]?.network ?? "";
    const network = NETWORKS[name];
    if (network === undefined) throw new NodeRefusal(`LND is on the network ${name}, which has no invoices here`);
    return {
      nodeId: info.identityPubkey,
      alias: info.alias,
      version: `lnd ${info.version.split(" ")[0] ?? ""}`,
      network,
      blockHeight: info.blockHeight,
      isSynced: info.syncedToChain,
      storesCommandIds: hasMemos(info.version),
    };
  }

  async balances(): Promise<NodeBalances> {
    const balance = await answerOf(this.#lightning.walletBalance({}, this.#asking));
    return { confirmedSat: Number(balance.confirmedBalance), unconfirmedSat: Number(balance.unconfirmedBalance) };
  }

  /** In an order in which a channel that changes its state meanwhile is in one of the answers; the last one counts. */
  async channels(): Promise<NodeChannel[]> {
    const pending = () => answerOf(this.#lightning.pendingChannels({}, this.#asking));
    const before = pendingChannels(await pending());
    const open = await this.#openChannels();
    const fees = feesOf(await answerOf(this.#lightning.feeReport({}, this.#asking)));
    const after = pendingChannels(await pending());
    const { channels: closed } = await answerOf(this.#lightning.closedChannels({}, this.#asking));
    const all = [
      ...before,
      ...open.map((channel) => openChannel(channel, fees.get(channel.channelPoint))),
      ...after,
      ...closed.map(closedChannel),
    ];
    return [...new Map(all.map((channel) => [channel.channelId, channel])).values()];
  }

  changes(signal: AbortSignal): AsyncIterable<void> {
    return watchChannels(this.#connection, () => this.info(), signal);
  }

  async estimateOpen({ capacitySat, feeRateSatPerVbyte: rate }: OpenTerms): Promise<NodeCost> {
    const { network } = await this.info();
    const AddrToAmount = { [anyScriptAddress(network)]: BigInt(capacitySat) };
    const request = { AddrToAmount, targetConf: LND_TARGET_BLOCKS };
    const { feeSat, satPerVbyte } = await answerOf(this.#lightning.estimateFee(request, this.#asking));
    const estimated = Number(feeSat);
    return { feeSat: rate === 0 ? estimated : Math.ceil((estimated * rate) / Math.max(1, Number(satPerVbyte))) };
  }

  async open(terms: OpenTerms): Promise<{ channelId: string }> {
    if (terms.peerAddress !== "") await this.#connect(terms.peerId, terms.peerAddress);
    const request = {
      nodePubkey: Buffer.from(terms.peerId, "hex"),
      localFundingAmount: BigInt(terms.capacitySat),
      pushSat: BigInt(terms.pushSat),
      private: terms.isPrivate,
      satPerVbyte: perVbyte(terms.feeRateSatPerVbyte),
      memo: terms.commandId,
    };
    // It answers when the funding transaction is published; the stream of updates does not begin earlier.
    return { channelId: channelIdOf(await answerOf(this.#lightning.openChannelSync(request, this.#commanding))) };
  }

  async estimateClose({ channelId, isForced, feeRateSatPerVbyte: rate }: CloseTerms): Promise<NodeCost> {
    const channel = await this.#openChannel(channelId);
    if (!channel.initiator) return { feeSat: 0 }; // the side that opened the channel pays the fee
    if (isForced) return { feeSat: Number(channel.commitFee) };
    return { feeSat: Math.ceil(CLOSING_VBYTES * (rate === 0 ? await this.#ownRate() : rate)) };
  }

  async close({ channelId, isForced, feeRateSatPerVbyte: rate }: CloseTerms): Promise<void> {
    const state = (await this.channels()).find((channel) => channel.channelId === channelId)?.state;
    if (state === "closed" || state === "force_closing" || (state === "closing" && !isForced)) return;
    const how = isForced ? { force: true } : { satPerVbyte: perVbyte(rate), noWait: true };
    const request = { channelPoint: channelPointOf(channelId), ...how };
    try {
      // LND goes on when the stream is left after its first update.
      for await (const _ of this.#lightning.closeChannel(request, this.#commanding)) return;
    } catch (error) {
      throw nodeError(error);
    }
    throw new NodeAway("LND said nothing about the closing");
  }

  async setFees(channelId: string, { baseMsat, ratePpm }: ChannelFees): Promise<void> {
    const { chanId, remotePubkey } = await this.#openChannel(channelId);
    const edge = await answerOf(this.#lightning.getChanInfo({ chanId }, this.#asking));
    const policy = edge.node1Pub === remotePubkey ? edge.node2Policy : edge.node1Policy;
    // LND takes the delta of blocks with the fees, so it is repeated.
    const { timeLockDelta = 0 } = policy ?? {};
    const scope = { case: "chanPoint" as const, value: channelPointOf(channelId) };
    const request = { scope, baseFeeMsat: BigInt(baseMsat), feeRatePpm: ratePpm, timeLockDelta };
    const { failedUpdates } = await answerOf(this.#lightning.updateChannelPolicy(request, this.#asking));
    const [failed] = failedUpdates;
    if (failed !== undefined) throw new NodeRefusal(failed.updateError);
  }

  async addHoldInvoice(terms: HoldTerms): Promise<{ invoice: string }> {
    return { invoice: await this.#holds.add(terms) };
  }

  holdInvoice(paymentHash: string): Promise<HeldPayment | undefined> {
    return this.#holds.find(paymentHash);
  }

  settle(preimage: string): Promise<void> {
    return this.#holds.settle(preimage);
  }

  cancel(paymentHash: string): Promise<void> {
    return this.#holds.cancel(paymentHash);
  }

  end(): Promise<void> {
    this.#connection.end();
    return Promise.resolve();
  }

  get #lightning() {
    return this.#connection.lightning;
  }

  async #connect(pubkey: string, host: string): Promise<void> {
    try {
      await answerOf(this.#lightning.connectPeer({ addr: { pubkey, host } }, this.#commanding));
    } catch (error) {
      if (!(error instanceof NodeRefusal) || !/already connected/i.test(error.message)) throw error;
    }
  }

  async #openChannels(): Promise<Channel[]> {
    return (await answerOf(this.#lightning.listChannels({}, this.#asking))).channels;
  }

  async #openChannel(channelId: string): Promise<Channel> {
    const found = (await this.#openChannels()).find(({ channelPoint }) => channelPoint === channelId);
    if (found === undefined) throw new NodeRefusal(`LND has no open channel ${channelId}`);
    return found;
  }

  /** The rate that LND chooses, in satoshis per virtual byte. */
  async #ownRate(): Promise<number> {
    const request = { confTarget: LND_TARGET_BLOCKS };
    const { satPerKw } = await answerOf(this.#connection.wallet.estimateFee(request, this.#asking));
    return (Number(satPerKw) * 4) / 1000;
  }
}

/** LND takes whole numbers; 0 leaves the choice to it. */
function perVbyte(rate: number): bigint {
  return BigInt(Math.ceil(rate));
}

/** Channels have had memos since 0.17. */
function hasMemos(version: string): boolean {
  const [, major = 0, minor = 0] = /^v?(\d+)\.(\d+)/.exec(version)?.map(Number) ?? [];
  return major > 0 || minor >= 17;
}
