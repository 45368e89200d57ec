import { createHash, randomBytes } from "node:crypto";
import * as ldk from "lightningdevkit";
import type { Engine } from "./engine.js";

/** The first block of every regtest chain, as bytes of its hash. */
const GENESIS = Buffer.from("06226e46111a0b59caaf126043eb5bbf28c34f3a5e332a1fc7b2b73cf188910f", "hex");

/** A block of a simulated chain. */
export interface Block {
  /** Tells a node of it. Blocks are told in their order. */
  tell(node: Pick<Engine, "manager" | "monitor">): void;
}

/** A simulated Bitcoin chain with blocks and transactions, without validation. */
export class Chain {
  #height = 0;
  #tip: Buffer = GENESIS;

  /** Adds a block with these transactions and notifies the nodes. */
  mine(nodes: readonly Engine[], transactions: readonly Uint8Array[] = []): void {
    const block = this.add(transactions);
    for (const node of nodes) block.tell(node);
  }

  /** Adds a block with these transactions. */
  add(transactions: readonly Uint8Array[]): Block {
    const height = ++this.#height;
    const header = headerAfter(this.#tip);
    this.#tip = doubleSha256(header);
    const tell = ({ manager, monitor }: Pick<Engine, "manager" | "monitor">) => {
      for (const listener of [manager.as_Confirm(), monitor.as_Confirm()]) {
        const placed = transactions.map((one, index) => ldk.TwoTuple_usizeTransactionZ.constructor_new(index + 1, one));
        if (placed.length > 0) listener.transactions_confirmed(header, placed, height);
        listener.best_block_updated(header, height);
      }
    };
    return { tell };
  }
}

function headerAfter(previous: Buffer): Buffer {
  const header = Buffer.alloc(80);
  header.writeInt32LE(1, 0);
  previous.copy(header, 4);
  randomBytes(32).copy(header, 36);
  header.writeUInt32LE(Math.floor(Date.now() / 1000), 68);
  header.writeUInt32LE(0x207fffff, 72);
  return header;
}

/** A transaction that pays an amount to a script, from a nonexistent output. */
export function fundingTransaction(satoshis: bigint, script: Uint8Array): Uint8Array {
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(satoshis);
  return Buffer.concat([
    Buffer.from([2, 0, 0, 0, 0, 1, 1]), // version 2, with a witness, one input
    randomBytes(32), // the transaction it spends from
    Buffer.from([0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1]), // its first output, no script, final; one output
    value,
    Buffer.from([script.length]),
    script,
    Buffer.from([1, 1, 0xff, 0, 0, 0, 0]), // a witness of one byte, no lock time
  ]);
}

function doubleSha256(bytes: Buffer): Buffer {
  const once = createHash("sha256").update(bytes).digest();
  return createHash("sha256").update(once).digest();
}
