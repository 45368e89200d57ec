import { setTimeout } from "node:timers/promises";
import { networks, Psbt, Transaction } from "bitcoinjs-lib";
import {
  type CloseTerms,
  type HeldPayment,
  type LightningNode,
  NodeAway,
  type NodeBalances,
  type NodeChannel,
  type NodeCost,
  type NodeInfo,
  NodeRefusal,
  type OpenTerms,
} from "../../../src/ports/lightning-node.js";
import { type ElectrumChannel, ElectrumError, type ElectrumWallet, inBtc, SAT_PER_BTC } from "./electrum.js";
import { toNodeChannel } from "./electrum-channels.js";

/** What Electrum pays for a commitment on regtest: 724 weight at 45,000 satoshis per 1,000. */
const COMMITMENT_FEE_SAT = 32_580;
/** Interval between looks for changes, in milliseconds. */
const LOOK_MS = 100;

const NO_RATES = "Electrum 4.3.4 chooses the fees of its channels itself";
const NO_HOLDS = "Electrum 4.3.4 has no command for hold invoices";

/** Electrum 4.3.4 as an operator's node, by the commands of its JSON-RPC. What they do not offer is refused by name. */
export class ElectrumOperatorNode implements LightningNode {
  /** Channels that were closed by force: once the commitment is mined, Electrum does not tell them from others. */
  readonly #forced = new Set<string>();

  constructor(readonly electrum: ElectrumWallet) {}

  async info(): Promise<NodeInfo> {
    const info = await this.#call<{ blockchain_height: number; server_height: number; version: string }>("getinfo");
    const [nodeId = ""] = (await this.#call<string>("nodeid")).split("@");
    const { blockchain_height: blockHeight, server_height: serverHeight } = info;
    return {
      ...{ nodeId, alias: "", version: `electrum ${info.version}`, network: "regtest" },
      ...{ blockHeight, isSynced: blockHeight === serverHeight, storesCommandIds: false },
    };
  }

  async balances(): Promise<NodeBalances> {
    const { confirmed, unconfirmed = "0" } = await this.#call<{ confirmed: string; unconfirmed?: string }>(
      "getbalance",
    );
    return { confirmedSat: inSat(confirmed), unconfirmedSat: inSat(unconfirmed) };
  }

  async channels(): Promise<NodeChannel[]> {
    const listed = await this.#call<ElectrumChannel[]>("list_channels");
    const stored = await this.electrum.storedChannels();
    return listed.map((channel) => {
      const { channel_id: id, channel_point: point } = channel;
      return toNodeChannel(channel, stored[id], this.#forced.has(point));
    });
  }

  /** Electrum announces nothing to programs, so this looks. */
  async *changes(signal: AbortSignal): AsyncGenerator<void> {
    let last = "";
    while (!signal.aborted) {
      const now = JSON.stringify(await this.channels());
      if (now !== last) yield;
      last = now;
      await setTimeout(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Has Electrum draw up, without sending it, a payment of the capacity to itself. */
  async estimateOpen({ capacitySat, feeRateSatPerVbyte: rate }: OpenTerms): Promise<NodeCost> {
    if (rate !== 0) throw new NodeRefusal(NO_RATES);
    const destination = await this.#call<string>("getunusedaddress");
    const payment = { destination, amount: inBtc(capacitySat), unsigned: true };
    const drawn = Psbt.fromBase64(await this.#call<string>("payto", payment), { network: networks.regtest });
    return { feeSat: inputsOf(drawn) - drawn.txOutputs.reduce((sum, { value }) => sum + value, 0) };
  }

  async open(terms: OpenTerms): Promise<{ channelId: string }> {
    const { peerId, peerAddress, capacitySat, pushSat, isPrivate, feeRateSatPerVbyte: rate } = terms;
    if (rate !== 0) throw new NodeRefusal(NO_RATES);
    if (!isPrivate) throw new NodeRefusal("Electrum 4.3.4 opens private channels only");
    const address = peerAddress === "" ? await this.#addressOf(peerId) : peerAddress;
    const channelId = await this.#call<string>("open_channel", {
      ...{ connection_string: `${peerId}@${address}`, amount: inBtc(capacitySat), push_amount: inBtc(pushSat) },
    });
    return { channelId };
  }

  async estimateClose({ channelId, feeRateSatPerVbyte: rate }: CloseTerms): Promise<NodeCost> {
    const { isInitiator } = await this.#known(channelId);
    if (rate !== 0) throw new NodeRefusal(NO_RATES);
    return { feeSat: isInitiator ? COMMITMENT_FEE_SAT : 0 };
  }

  async close({ channelId, isForced, feeRateSatPerVbyte: rate }: CloseTerms): Promise<void> {
    const { state } = await this.#known(channelId);
    if (rate !== 0) throw new NodeRefusal(NO_RATES);
    if (state === "closed" || state === "force_closing" || (state === "closing" && !isForced)) return;
    if (isForced) this.#forced.add(channelId);
    await this.#call("close_channel", { channel_point: channelId, force: isForced });
  }

  setFees(): Promise<void> {
    return Promise.reject(new NodeRefusal("Electrum 4.3.4 has no command for the fees of a channel"));
  }

  addHoldInvoice(): Promise<{ invoice: string }> {
    return Promise.reject(new NodeRefusal(NO_HOLDS));
  }

  holdInvoice(): Promise<HeldPayment | undefined> {
    return Promise.reject(new NodeRefusal(NO_HOLDS));
  }

  settle(): Promise<void> {
    return Promise.reject(new NodeRefusal(NO_HOLDS));
  }

  cancel(): Promise<void> {
    return Promise.reject(new NodeRefusal(NO_HOLDS));
  }

  end(): Promise<void> {
    return Promise.resolve(); // there is no connection between calls
  }

  async #known(channelId: string): Promise<NodeChannel> {
    const channel = (await this.channels()).find((one) => one.channelId === channelId);
    if (channel === undefined) throw new NodeRefusal(`there is no channel ${channelId}`);
    return channel;
  }

  async #addressOf(peerId: string): Promise<string> {
    const peers = await this.#call<{ node_id: string; address: string }[]>("list_peers");
    const peer = peers.find(({ node_id: id }) => id === peerId);
    if (peer === undefined) throw new NodeRefusal(`peer ${peerId} is not connected, and its address is not known`);
    return peer.address;
  }

  /** A call without an answer may have been carried out. */
  async #call<T>(method: string, params: object = {}): Promise<T> {
    try {
      return await this.electrum.call<T>(method, params);
    } catch (error) {
      if (error instanceof ElectrumError) throw new NodeRefusal(error.message, { cause: error });
      throw new NodeAway(error instanceof Error ? error.message : "no answer", { cause: error });
    }
  }
}

function inSat(btc: string): number {
  return Math.round(Number(btc) * SAT_PER_BTC);
}

function inputsOf({ data, txInputs }: Psbt): number {
  return data.inputs.reduce((sum, { witnessUtxo, nonWitnessUtxo }, at) => {
    if (witnessUtxo !== undefined) return sum + witnessUtxo.value;
    const spent = nonWitnessUtxo && Transaction.fromBuffer(nonWitnessUtxo).outs[txInputs[at]?.index ?? 0];
    return sum + (spent?.value ?? 0);
  }, 0);
}
