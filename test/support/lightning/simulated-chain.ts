import { createHash } from "node:crypto";
import { Block, Transaction } from "bitcoinjs-lib";
import * as ldk from "lightningdevkit";
import { Coins } from "./coins.js";
import type { LightningNode } from "./node.js";

/** The first header of every regtest chain. */
const GENESIS =
  "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c3e67768f617fc81bc3" +
  "888a51323a9fb8aa4b1e5e4adae5494dffff7f2002000000";
/** The easiest target, which every second hash meets. */
const REGTEST_BITS = 0x207fffff;
/** A block is younger than most of this many before it. */
const MEDIAN_BLOCKS = 11;

interface Mined {
  block: Block;
  transactions: Transaction[];
}

/** A transaction and the height of its block; 0 while it waits for one. */
export interface Placed {
  transaction: Transaction;
  height: number;
}

/** What changed: the hashes of the scripts that are concerned, as Electrum names them. */
export interface Change {
  isNewBlock: boolean;
  scriptHashes: ReadonlySet<string>;
}

/**
 * A regtest chain, shared by wallets of different makers. Headers, proofs of work, merkle roots, amounts, lock times and
 * double spends are real; scripts and signatures are not verified, and coinbases can be spent at once.
 */
export class SimulatedChain {
  readonly #mined: Mined[] = [{ block: Block.fromHex(GENESIS), transactions: [] }];
  readonly #waiting = new Map<string, Transaction>();
  readonly #placed = new Map<string, Placed>();
  readonly #history = new Map<string, Set<string>>();
  readonly #coins = new Coins();
  readonly #nodes = new Set<LightningNode>();
  readonly #listeners = new Set<(change: Change) => void>();

  get height(): number {
    return this.#mined.length - 1;
  }

  /** The header of a block, 80 bytes. */
  header(height: number): Buffer {
    return this.#at(height).block.toBuffer(true);
  }

  /** The IDs of a block's transactions, in order. */
  idsIn(height: number): string[] {
    return this.#at(height).transactions.map((one) => one.getId());
  }

  find(id: string): Placed | undefined {
    return this.#placed.get(id);
  }

  /** The transactions that pay to or spend from a script. Those in blocks come first, in the order of the chain. */
  historyOf(scriptHash: string): { id: string; height: number; feeSat: number }[] {
    const rows = [...(this.#history.get(scriptHash) ?? [])].map((id) => {
      const { transaction, height } = this.#known(id);
      const position = height === 0 ? 0 : this.idsIn(height).indexOf(id);
      return { id, height, position, feeSat: height === 0 ? this.#coins.feeOf(transaction) : 0 };
    });
    const order = (height: number) => (height === 0 ? Infinity : height);
    return rows.toSorted((a, b) =>
      a.height === b.height ? a.position - b.position : order(a.height) - order(b.height),
    );
  }

  /** Whether the output is spent, by a transaction in a block or a waiting one. */
  isSpent(id: string, index: number): boolean {
    return this.#coins.isSpent(id, index);
  }

  /** The IDs of transactions that wait for a block. */
  waiting(): string[] {
    return [...this.#waiting.keys()];
  }

  /**
   * Takes a transaction that the next block will contain. Idempotent. Returns its ID.
   * @throws Error if it spends what does not exist or is spent, or must still wait
   */
  submit(raw: Uint8Array): string {
    const transaction = Transaction.fromBuffer(Buffer.from(raw));
    const id = transaction.getId();
    if (this.#placed.has(id)) return id;
    this.#checkLocks(transaction);
    this.#coins.spend(transaction);
    this.#waiting.set(id, transaction);
    const touched = this.#place(transaction, 0);
    this.#announce({ isNewBlock: false, scriptHashes: touched });
    return id;
  }

  /** Creates, without submitting it, a transaction that pays an amount to a script from a coinbase. */
  payment(script: Uint8Array, satoshis: number): Uint8Array {
    return this.#coins.payment(Buffer.from(script), satoshis);
  }

  /** Adds blocks; the first contains what waits. */
  mine(count = 1): void {
    for (let block = 0; block < count; block++) this.#mineOne();
  }

  /** Informs a node of all blocks, and takes what it broadcasts. */
  attach(node: LightningNode): void {
    this.#nodes.add(node);
    node.engine.onBroadcast = (raw) => setImmediate(() => this.#take(raw));
    for (let height = 1; height <= this.height; height++) this.#tell(node, height);
    node.workSoon();
  }

  detach(node: LightningNode): void {
    this.#nodes.delete(node);
    node.engine.onBroadcast = () => undefined;
  }

  /** Calls the listener after every change. Returns how to end that. */
  listen(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #mineOne(): void {
    const height = this.height + 1;
    const transactions = [this.#coins.coinbase(height), ...this.#waiting.values()];
    this.#waiting.clear();
    const block = this.#solved(transactions);
    this.#mined.push({ block, transactions });
    const touched = transactions.map((one) => this.#place(one, height));
    for (const node of this.#nodes) {
      this.#tell(node, height);
      node.workSoon();
    }
    this.#announce({ isNewBlock: true, scriptHashes: new Set(touched.flatMap((hashes) => [...hashes])) });
  }

  #solved(transactions: Transaction[]): Block {
    const block = new Block();
    block.prevHash = this.#at(this.height).block.getHash();
    block.merkleRoot = Block.calculateMerkleRoot(transactions);
    block.timestamp = Math.max(Math.floor(Date.now() / 1000), this.#medianTime() + 1);
    block.bits = REGTEST_BITS;
    while (!block.checkProofOfWork()) block.nonce++;
    return block;
  }

  #medianTime(): number {
    const times = this.#mined.slice(-MEDIAN_BLOCKS).map(({ block }) => block.timestamp);
    return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  }

  /** A lock time names the last block that may not contain it, a sequence the age of the output that is spent (BIP 68). */
  #checkLocks({ version, locktime, ins }: Transaction): void {
    const next = this.height + 1;
    const isLocked = ins.some(({ sequence }) => sequence !== Transaction.DEFAULT_SEQUENCE);
    if (isLocked && locktime < 500_000_000 && locktime >= next) throw new Error("non-final");
    if (version < 2) return;
    for (const { hash, sequence } of ins) {
      if (sequence >= 0x80000000 || (sequence & 0x400000) !== 0) continue; // no lock, or one by seconds
      const { height = 0 } = this.find(Buffer.from(hash).reverse().toString("hex")) ?? {};
      const age = height === 0 ? 0 : next - height;
      if (age < (sequence & 0xffff)) throw new Error("non-BIP68-final");
    }
  }

  /** Returns the hashes of the scripts that it pays to and spends from. */
  #place(transaction: Transaction, height: number): Set<string> {
    const id = transaction.getId();
    this.#placed.set(id, { transaction, height });
    const scripts = [...transaction.outs.map(({ script }) => script), ...this.#coins.scriptsSpentBy(transaction)];
    const hashes = new Set(scripts.map(scriptHashOf));
    for (const hash of hashes) {
      const ids = this.#history.get(hash) ?? new Set();
      this.#history.set(hash, ids.add(id));
    }
    return hashes;
  }

  /** A node broadcasts again what is in a block already, and what another node's transaction has overtaken. */
  #take(raw: readonly Uint8Array[]): void {
    for (const one of raw) {
      try {
        this.submit(one);
      } catch {
        // it is refused without a word, as by a peer
      }
    }
  }

  #tell({ engine: { manager, monitor } }: LightningNode, height: number): void {
    const header = this.header(height);
    for (const listener of [manager.as_Confirm(), monitor.as_Confirm()]) {
      const placed = this.#at(height).transactions.map((one, index) =>
        ldk.TwoTuple_usizeTransactionZ.constructor_new(index, one.toBuffer()),
      );
      listener.transactions_confirmed(header, placed, height);
      listener.best_block_updated(header, height);
    }
  }

  #announce(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  #known(id: string): Placed {
    const placed = this.find(id);
    if (placed === undefined) throw new Error(`there is no transaction ${id}`);
    return placed;
  }

  #at(height: number): Mined {
    const mined = this.#mined[height];
    if (mined === undefined) throw new Error(`there is no block ${String(height)}`);
    return mined;
  }
}

/** The name of a script in Electrum's protocol: its hash with the bytes reversed. */
export function scriptHashOf(script: Uint8Array): string {
  return createHash("sha256").update(script).digest().reverse().toString("hex");
}
