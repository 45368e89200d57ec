import { setImmediate } from "node:timers/promises";
import { type Block, Chain } from "./chain.js";
import type { LightningNode } from "./node.js";
import { readTransaction, type Transaction } from "./transaction.js";

/** A simulated chain that mines what its nodes broadcast, once, and tells nodes that were away what they missed. */
export class SharedChain {
  readonly #chain = new Chain();
  readonly #blocks: Block[] = [];
  readonly #nodes = new Set<LightningNode>();
  readonly #waiting = new Map<string, Transaction>();
  /** The heights of mined transactions, and of the outputs that they spend. */
  readonly #minedAt = new Map<string, number>();

  get height(): number {
    return this.#blocks.length;
  }

  /** Adds a node and tells it the blocks after a height. */
  join(node: LightningNode, height = 0): void {
    for (const block of this.#blocks.slice(height)) block.tell(node.engine);
    this.#nodes.add(node);
    node.workSoon();
  }

  leave(node: LightningNode): void {
    this.#collect();
    this.#nodes.delete(node);
  }

  /** The height at which an output, `txid:index`, was spent; undefined if it is unspent. */
  spentAt(outpoint: string): number | undefined {
    return this.#minedAt.get(outpoint);
  }

  async mine(blocks: number): Promise<void> {
    for (let mined = 0; mined < blocks; mined++) {
      this.#collect();
      const transactions = this.#minable();
      for (const { txid, spends } of transactions) {
        for (const id of [txid, ...spends]) this.#minedAt.set(id, this.height + 1);
      }
      const block = this.#chain.add(transactions.map(({ bytes }) => bytes));
      this.#blocks.push(block);
      for (const node of this.#nodes) {
        block.tell(node.engine);
        node.workSoon();
      }
      await setImmediate(); // for the nodes to work
    }
  }

  #collect(): void {
    for (const { engine } of this.#nodes) {
      for (const bytes of engine.broadcast.splice(0)) {
        const transaction = readTransaction(bytes);
        this.#waiting.set(transaction.txid, transaction);
      }
    }
  }

  /** The transactions for the next block. Those that spend what is spent are dropped. */
  #minable(): Transaction[] {
    const spent = new Set<string>();
    const found: Transaction[] = [];
    for (const transaction of this.#waiting.values()) {
      const { txid, spends, lockTime } = transaction;
      if (lockTime < 500_000_000 && lockTime > this.height) continue;
      this.#waiting.delete(txid);
      if (this.#minedAt.has(txid) || spends.some((id) => spent.has(id) || this.#minedAt.has(id))) continue;
      for (const id of spends) spent.add(id);
      found.push(transaction);
    }
    return found;
  }
}
