/**
 * The operator's Lightning node. It is not on the path of a tip: it holds the operator's own money, funds channels and
 * receives deposits.
 *
 * Every method rejects with `NodeRefusal` if the node understood the request and did not do it, and with `NodeAway` if
 * the outcome is unknown, such as after a timeout or while the node is stopped. Public keys, hashes and preimages are
 * in lower-case hexadecimal.
 */
export interface LightningNode extends NodeView, NodeCommands, HoldInvoices {
  /** Releases connections and timers. */
  end(): Promise<void>;
}

/** What the node knows. */
export interface NodeView {
  info(): Promise<NodeInfo>;
  balances(): Promise<NodeBalances>;
  /** All channels that the node knows, closed ones included for as long as it remembers them. */
  channels(): Promise<NodeChannel[]>;
  /**
   * Yields at once, and then whenever channels may have changed; the reader lists them each time. It may yield too
   * often, and some seconds late, but never misses a change. Ends when the signal is aborted, and rejects with
   * `NodeAway` when the node goes away.
   */
  changes(signal: AbortSignal): AsyncIterable<void>;
}

/** What the node does with its channels. */
export interface NodeCommands {
  /** What opening a channel would cost, without opening it. */
  estimateOpen(terms: OpenTerms): Promise<NodeCost>;
  /**
   * Opens a channel and returns once the node has accepted the request. Not idempotent: after `NodeAway`, look for the
   * channel with `channels` before anything else.
   */
  open(terms: OpenTerms): Promise<{ channelId: string }>;
  /** What closing a channel would cost. */
  estimateClose(terms: CloseTerms): Promise<NodeCost>;
  /** Begins to close a channel. Idempotent: a channel that is closing stays so, and may still be closed by force. */
  close(terms: CloseTerms): Promise<void>;
  /** Sets the fees for forwarding through a channel. Idempotent. */
  setFees(channelId: string, fees: ChannelFees): Promise<void>;
}

/** Payments that wait until the node takes or returns them. */
export interface HoldInvoices {
  /** Creates an invoice whose payment is held until it is settled or cancelled. Idempotent for the same hash. */
  addHoldInvoice(terms: HoldTerms): Promise<{ invoice: string }>;
  /** Undefined if the node has no invoice with this hash. */
  holdInvoice(paymentHash: string): Promise<HeldPayment | undefined>;
  /** Takes a held payment. Idempotent. */
  settle(preimage: string): Promise<void>;
  /** Returns a held payment to its payer, or cancels an unpaid invoice. Idempotent. */
  cancel(paymentHash: string): Promise<void>;
}

export interface NodeInfo {
  nodeId: string;
  alias: string;
  /** Name and version of the software, such as `lnd 0.18.4-beta`. */
  version: string;
  network: "bitcoin" | "testnet" | "signet" | "regtest";
  blockHeight: number;
  isSynced: boolean;
  /** Whether the node stores the command ID of `open` with the channel and returns it in `channels`. */
  storesCommandIds: boolean;
}

/** Amounts of the operator in satoshis. */
export interface NodeBalances {
  confirmedSat: number;
  unconfirmedSat: number;
}

/** `inactive`: open, but the peer is away. `force_closing`: the commitment is or will be on the chain. */
export type NodeChannelState = "pending_open" | "open" | "inactive" | "closing" | "force_closing" | "closed";

export interface NodeChannel {
  /** The funding output, `txid:index`, from `pending_open` on; the same in every state. */
  channelId: string;
  peerId: string;
  state: NodeChannelState;
  isPrivate: boolean;
  isInitiator: boolean;
  capacitySat: number;
  /** What each side has, HTLCs excluded. Zero once the channel is closed. In millisatoshis. */
  localMsat: number;
  remoteMsat: number;
  fees?: ChannelFees | undefined;
  pendingHtlcs: number;
  /** The lowest expiry height of the pending HTLCs. */
  nextHtlcExpiryHeight?: number | undefined;
  /** Blocks until the operator's money can be spent, while the channel is force closing. */
  blocksLeft?: number | undefined;
  /** The `commandId` of `open`, if the node stores it. Undefined once the channel is closed. */
  commandId?: string | undefined;
}

export interface ChannelFees {
  baseMsat: number;
  /** Parts per million. */
  ratePpm: number;
}

export interface OpenTerms {
  /** Stored with the channel if the node can. At most 64 characters. */
  commandId: string;
  peerId: string;
  /** `host:port`; empty if the node is connected to the peer already. */
  peerAddress: string;
  capacitySat: number;
  /** What the peer receives at once. 0 for nothing. */
  pushSat: number;
  isPrivate: boolean;
  /** 0 leaves the choice to the node. In satoshis per virtual byte. */
  feeRateSatPerVbyte: number;
}

export interface CloseTerms {
  channelId: string;
  isForced: boolean;
  /** For a cooperative close. 0 leaves the choice to the node. In satoshis per virtual byte. */
  feeRateSatPerVbyte: number;
}

export interface NodeCost {
  /** The fee on the chain, in satoshis. */
  feeSat: number;
}

export interface HoldTerms {
  paymentHash: string;
  amountMsat: number;
  memo: string;
  expirySeconds: number;
  /** The blocks that must be left when the payment arrives. */
  minFinalCltvDelta: number;
}

export interface HeldPayment {
  /** `open`: unpaid. `held`: it has arrived and waits. */
  state: "open" | "held" | "settled" | "cancelled";
  amountMsat: number;
  /** The height at which a held payment returns to its payer by itself, with a force-closed channel. */
  expiryHeight?: number | undefined;
}

/** The node did not do what was asked. The message is the node's own. */
export class NodeRefusal extends Error {
  override readonly name = "NodeRefusal";
}

/** The node did not answer, so the outcome is unknown. */
export class NodeAway extends Error {
  override readonly name = "NodeAway";
}
