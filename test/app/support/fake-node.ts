import {
  type ChannelFees,
  type CloseTerms,
  type LightningNode,
  NodeAway,
  type NodeChannel,
  NodeRefusal,
  type OpenTerms,
} from "../../../src/ports/lightning-node.js";

const NO_HOLDS = "this node has no hold invoices";

/** A node in memory for tests of what the server decides. It keeps what it did, and fails when it is told to. */
export class FakeNode implements LightningNode {
  readonly opened: OpenTerms[] = [];
  readonly list: NodeChannel[] = [];
  confirmedSat = 10_000_000;
  feeSat = 300;
  isAway = false;
  isSynced = true;
  storesCommandIds = true;
  blockHeight = 800_000;
  /** What becomes of the next opens. `lost`: it is done, and the answer does not arrive. `never`: it does not arrive itself. */
  next: "done" | "lost" | "never" | "refused" = "done";
  /** Resolves before an open is answered. */
  pause: Promise<void> = Promise.resolve();
  #changed = 0;
  #wake: () => void = () => undefined;

  info() {
    const { blockHeight, isSynced, storesCommandIds } = this.#reached();
    const about = { nodeId: "02".padEnd(66, "0"), alias: "fake", version: "fake 1", network: "regtest" as const };
    return Promise.resolve({ ...about, blockHeight, isSynced, storesCommandIds });
  }

  async balances() {
    return Promise.resolve({ confirmedSat: this.#reached().confirmedSat, unconfirmedSat: 0 });
  }

  async channels() {
    return Promise.resolve(structuredClone(this.#reached().list));
  }

  async *changes(signal: AbortSignal): AsyncGenerator<void> {
    let seen = -1;
    while (!signal.aborted) {
      this.#reached();
      if (seen === this.#changed) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
          signal.addEventListener("abort", () => {
            resolve();
          });
        });
      } else {
        seen = this.#changed;
        yield;
      }
    }
  }

  async estimateOpen() {
    return Promise.resolve({ feeSat: this.#reached().feeSat });
  }

  async open(terms: OpenTerms): Promise<{ channelId: string }> {
    this.#reached();
    if (this.next === "refused") throw new NodeRefusal("peer is not online");
    if (this.next === "never") throw new NodeAway("connection reset");
    const channelId = this.add(terms);
    await this.pause;
    if (this.next === "lost") throw new NodeAway("connection reset");
    return { channelId };
  }

  async estimateClose() {
    return Promise.resolve({ feeSat: this.#reached().feeSat });
  }

  async close({ channelId, isForced, feeRateSatPerVbyte }: CloseTerms): Promise<void> {
    if (feeRateSatPerVbyte > 1_000) throw new NodeRefusal("fee range: the peer accepts at most 1000 sat/vB");
    this.change(channelId, { state: isForced ? "force_closing" : "closing" });
    return Promise.resolve();
  }

  async setFees(channelId: string, fees: ChannelFees): Promise<void> {
    this.change(channelId, { fees });
    return Promise.resolve();
  }

  addHoldInvoice(): Promise<never> {
    return Promise.reject(new NodeRefusal(NO_HOLDS));
  }

  holdInvoice(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  settle(): Promise<never> {
    return Promise.reject(new NodeRefusal(NO_HOLDS));
  }

  cancel(): Promise<never> {
    return Promise.reject(new NodeRefusal(NO_HOLDS));
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  /** Adds the channel of an open. Returns its ID. */
  add(terms: OpenTerms, state: NodeChannel["state"] = "open"): string {
    this.opened.push(terms);
    const channelId = `${this.opened.length.toString(16).padStart(64, "0")}:0`;
    const { peerId, capacitySat, pushSat, isPrivate, commandId } = terms;
    this.confirmedSat -= capacitySat + this.feeSat;
    this.list.push({
      ...{ channelId, peerId, capacitySat, isPrivate, state, isInitiator: true, pendingHtlcs: 0 },
      ...{ localMsat: (capacitySat - pushSat) * 1_000, remoteMsat: pushSat * 1_000 },
      ...(this.storesCommandIds && { commandId }),
    });
    this.#note();
    return channelId;
  }

  change(channelId: string, to: Partial<NodeChannel>): void {
    const channel = this.#reached().list.find((one) => one.channelId === channelId);
    if (channel === undefined) throw new NodeRefusal(`unable to find channel ${channelId}`);
    Object.assign(channel, to);
    this.#note();
  }

  forget(channelId: string): void {
    this.list.splice(
      this.list.findIndex((one) => one.channelId === channelId),
      1,
    );
    this.#note();
  }

  #note(): void {
    this.#changed++;
    this.#wake();
  }

  #reached(): this {
    if (this.isAway) throw new NodeAway("connection refused");
    return this;
  }
}
