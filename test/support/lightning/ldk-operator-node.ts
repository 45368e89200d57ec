import { setTimeout } from "node:timers/promises";
import * as ldk from "lightningdevkit";
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
} from "../../../src/ports/lightning-node.js";
import { fundingTransaction } from "./chain.js";
import { Disk, generousConfig, loadEngine } from "./engine.js";
import { LdkChannels } from "./ldk-channels.js";
import { LdkHolds } from "./ldk-holds.js";
import { hex, unhex } from "./hex.js";
import { LightningNode as Wallet } from "./node.js";
import type { SharedChain } from "./shared-chain.js";
import { outpoint } from "./transaction.js";
import { until } from "./until.js";

/** Sizes of transactions, in virtual bytes. */
const FUNDING_VBYTES = 153;
const CLOSING_VBYTES = 170;
const COMMITMENT_VBYTES = 181;

/** The fee rate of a node that may choose, in satoshis per virtual byte. */
const OWN_RATE = 2;

/** Interval between looks for changes, in milliseconds. */
const LOOK_MS = 25;

/** What the node keeps when it stops, besides what the kit writes. */
class OperatorDisk extends Disk {
  readonly channels = new LdkChannels();
  readonly holds = new LdkHolds();
}

/** An opening whose funding output is not known yet. */
interface Opening {
  terms: OpenTerms;
  resolve: (channelId: string) => void;
  reject: (error: Error) => void;
}

/**
 * An operator's node of the Lightning Development Kit on a simulated chain. Channels, payments and closing are real; the
 * wallet on the chain is a number. The kit stores 128 bits with a channel, which stand for the command ID.
 */
export class LdkOperatorNode implements LightningNode {
  readonly #disk = new OperatorDisk();
  readonly #openings = new Map<bigint, Opening>();
  #wallet: Wallet | undefined;

  private constructor(
    readonly chain: SharedChain,
    fundsSat: number,
  ) {
    this.#disk.channels.confirmedSat = fundsSat;
  }

  static async start(chain: SharedChain, fundsSat: number): Promise<LdkOperatorNode> {
    await loadEngine();
    const node = new LdkOperatorNode(chain, fundsSat);
    node.start();
    return node;
  }

  start(): void {
    const wallet = new Wallet(ldk.Network.LDKNetwork_Regtest, this.#disk);
    wallet.onEvent = (event) => this.#handle(event);
    this.#wallet = wallet;
    this.chain.join(wallet, wallet.engine.manager.current_best_block().get_height());
  }

  /** Ends the node. What it stores is kept for the next start. */
  stop(): void {
    const { engine } = this.#running();
    this.chain.leave(this.#running());
    this.#running().close();
    this.#disk.channels.read(engine.manager);
    this.#disk.manager = engine.manager.write();
    this.#wallet = undefined;
    for (const { reject } of this.#openings.values()) reject(new NodeAway("the node was stopped"));
    this.#openings.clear();
  }

  async connect(peerId: string, address: string): Promise<void> {
    const { engine } = this.#running();
    const isConnected = () => engine.peers.list_peers().some((peer) => hex(peer.get_counterparty_node_id()) === peerId);
    if (isConnected()) return;
    if (address === "") throw new NodeRefusal(`peer ${peerId} is not online`);
    const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
    try {
      await engine.net.connect_peer(host, Number(port), unhex(peerId));
    } catch (error) {
      throw new NodeRefusal(`dial ${address}: ${error instanceof Error ? error.message : "connection refused"}`);
    }
    await until(isConnected, "the handshake");
  }

  async info(): Promise<NodeInfo> {
    const { id, engine } = this.#running();
    return Promise.resolve({
      nodeId: id,
      alias: "operator",
      version: "ldk 0.1.0",
      network: "regtest",
      blockHeight: engine.manager.current_best_block().get_height(),
      isSynced: true,
      storesCommandIds: true,
    });
  }

  async balances(): Promise<NodeBalances> {
    this.#running();
    return Promise.resolve({ confirmedSat: this.#disk.channels.confirmedSat, unconfirmedSat: 0 });
  }

  async channels(): Promise<NodeChannel[]> {
    return Promise.resolve(this.#disk.channels.list(this.#running().engine.manager, this.chain));
  }

  async *changes(signal: AbortSignal): AsyncGenerator<void> {
    let last = "";
    while (!signal.aborted) {
      const now = JSON.stringify(await this.channels());
      if (now !== last) yield;
      last = now;
      await setTimeout(LOOK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async estimateOpen({ feeRateSatPerVbyte: rate, capacitySat }: OpenTerms): Promise<NodeCost> {
    this.#running();
    const feeSat = FUNDING_VBYTES * (rate === 0 ? OWN_RATE : rate);
    this.#afford(capacitySat + feeSat);
    return Promise.resolve({ feeSat });
  }

  async open(terms: OpenTerms): Promise<{ channelId: string }> {
    const costSat = terms.capacitySat + (await this.estimateOpen(terms)).feeSat;
    await this.connect(terms.peerId, terms.peerAddress);
    const wallet = this.#running();
    const id = this.#disk.channels.idOf(terms.commandId);
    const [capacity, push] = [BigInt(terms.capacitySat), BigInt(terms.pushSat) * 1000n];
    const settings = ldk.ChannelHandshakeConfig.constructor_default();
    settings.set_announce_for_forwarding(!terms.isPrivate);
    const config = generousConfig();
    config.set_channel_handshake_config(settings);
    const opened = new Promise<string>((resolve, reject) => {
      this.#openings.set(id, { terms, resolve, reject });
    });
    refuse(wallet.engine.manager.create_channel(unhex(terms.peerId), capacity, push, id, null, config));
    this.#disk.channels.confirmedSat -= costSat;
    wallet.workSoon();
    try {
      return { channelId: await opened };
    } catch (error) {
      if (error instanceof NodeRefusal) this.#disk.channels.confirmedSat += costSat;
      throw error;
    } finally {
      this.#openings.delete(id);
    }
  }

  async estimateClose({ channelId, isForced, feeRateSatPerVbyte: rate }: CloseTerms): Promise<NodeCost> {
    const { isInitiator } = await this.#known(channelId);
    const ownRate = rate === 0 ? OWN_RATE : rate;
    if (!isInitiator) return { feeSat: 0 };
    return { feeSat: isForced ? COMMITMENT_VBYTES * OWN_RATE : CLOSING_VBYTES * ownRate };
  }

  async close({ channelId, isForced, feeRateSatPerVbyte: rate }: CloseTerms): Promise<void> {
    const { state } = await this.#known(channelId);
    if (state === "closed" || state === "force_closing" || (state === "closing" && !isForced)) return;
    const wallet = this.#running();
    const { manager } = wallet.engine;
    const details = this.#disk.channels.details(manager, channelId);
    if (details === undefined) return; // the closing transaction is on its way
    const [id, peer] = [details.get_channel_id(), details.get_counterparty().get_node_id()];
    const perKw = rate === 0 ? ldk.Option_u32Z.constructor_none() : ldk.Option_u32Z.constructor_some(rate * 250);
    refuse(
      isForced
        ? manager.force_close_broadcasting_latest_txn(id, peer, "closed by its operator")
        : manager.close_channel_with_feerate_and_script(id, peer, perKw, null),
    );
    wallet.workSoon();
  }

  async setFees(channelId: string, { baseMsat, ratePpm }: ChannelFees): Promise<void> {
    await this.#known(channelId);
    const { manager } = this.#running().engine;
    const details = this.#disk.channels.details(manager, channelId);
    if (details === undefined) throw new NodeRefusal(`channel ${channelId} is closed`);
    const config = details.get_config();
    config.set_forwarding_fee_base_msat(baseMsat);
    config.set_forwarding_fee_proportional_millionths(ratePpm);
    const peer = details.get_counterparty().get_node_id();
    refuse(manager.update_channel_config(peer, [details.get_channel_id()], config));
  }

  async addHoldInvoice(terms: HoldTerms): Promise<{ invoice: string }> {
    return Promise.resolve({ invoice: this.#disk.holds.add(this.#running().engine.manager, terms) });
  }

  async holdInvoice(paymentHash: string): Promise<HeldPayment | undefined> {
    return Promise.resolve(this.#disk.holds.find(this.#running().engine.manager, paymentHash));
  }

  async settle(preimage: string): Promise<void> {
    this.#disk.holds.settle(this.#running().engine.manager, preimage);
    this.#running().workSoon();
    return Promise.resolve();
  }

  async cancel(paymentHash: string): Promise<void> {
    this.#disk.holds.cancel(this.#running().engine.manager, paymentHash);
    this.#running().workSoon();
    return Promise.resolve();
  }

  async end(): Promise<void> {
    if (this.#wallet !== undefined) this.stop();
    return Promise.resolve();
  }

  #running(): Wallet {
    if (this.#wallet === undefined) throw new NodeAway("the node is stopped");
    return this.#wallet;
  }

  #afford(amountSat: number): void {
    const { confirmedSat } = this.#disk.channels;
    if (amountSat <= confirmedSat) return;
    const [needed, available] = [amountSat, confirmedSat].map((sat) => (sat / 1e8).toFixed(8));
    throw new NodeRefusal(
      `not enough witness outputs to create funding transaction, need ${needed ?? ""} BTC only have ${available ?? ""} BTC available`,
    );
  }

  async #known(channelId: string): Promise<NodeChannel> {
    const found = (await this.channels()).find((channel) => channel.channelId === channelId);
    if (found === undefined) throw new NodeRefusal(`unable to find channel ${channelId}`);
    return found;
  }

  #handle(event: ldk.Event): boolean {
    const { manager } = this.#running().engine;
    if (event instanceof ldk.Event_FundingGenerationReady) this.#fund(event);
    else if (event instanceof ldk.Event_ChannelPending) this.#pending(event);
    else if (event instanceof ldk.Event_ChannelClosed) this.#closed(event);
    else if (event instanceof ldk.Event_SpendableOutputs) this.#disk.channels.collect(event);
    else if (event instanceof ldk.Event_PaymentClaimable) return this.#disk.holds.arrived(manager, event);
    else return false;
    return true;
  }

  #fund({ user_channel_id: id, ...event }: ldk.Event_FundingGenerationReady): void {
    const { temporary_channel_id: temporary, counterparty_node_id: peer } = event;
    const transaction = fundingTransaction(event.channel_value_satoshis, event.output_script);
    const { manager } = this.#running().engine;
    if (manager.funding_transaction_generated(temporary, peer, transaction).is_ok()) return;
    this.#openings.get(id)?.reject(new NodeRefusal("the funding transaction was refused"));
  }

  #pending({ user_channel_id: id, funding_txo: funding }: ldk.Event_ChannelPending): void {
    this.#openings.get(id)?.resolve(outpoint(funding.get_txid(), funding.get_index()));
  }

  #closed(event: ldk.Event_ChannelClosed): void {
    this.#disk.channels.closed(event);
    this.#openings.get(event.user_channel_id)?.reject(new NodeRefusal(reasonOf(event.reason)));
  }
}

/** @throws NodeRefusal with the kit's words */
function refuse(result: ldk.Result_NoneAPIErrorZ | ldk.Result_ChannelIdAPIErrorZ): void {
  if (result instanceof ldk.Result_NoneAPIErrorZ_Err || result instanceof ldk.Result_ChannelIdAPIErrorZ_Err) {
    const { err } = result;
    throw new NodeRefusal("err" in err ? String(err.err) : err.constructor.name);
  }
}

function reasonOf(reason: ldk.ClosureReason): string {
  return reason instanceof ldk.ClosureReason_CounterpartyForceClosed ? reason.peer_msg.get_a() : reason.to_str();
}
