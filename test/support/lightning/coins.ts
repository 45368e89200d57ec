import { createHash } from "node:crypto";
import { Transaction, type TxOutput } from "bitcoinjs-lib";

/** What a block creates, in satoshis. */
const REWARD_SAT = 50_0000_0000;
/** A script that everybody can spend from (OP_TRUE), and the output script that names it by its hash. */
const ANYONE = Buffer.from([0x51]);
const TO_ANYONE = Buffer.concat([Buffer.from([0, 32]), createHash("sha256").update(ANYONE).digest()]);

/** The outputs of a chain, and what spends them. */
export class Coins {
  readonly #outputs = new Map<string, TxOutput>();
  readonly #spenders = new Map<string, string>();
  /** Coinbases that are not promised to a payment. */
  readonly #free: string[] = [];

  /** Creates the first transaction of a block. */
  coinbase(height: number): Transaction {
    const transaction = new Transaction();
    const unique = Buffer.alloc(5);
    unique.writeUInt8(4);
    unique.writeUInt32LE(height, 1);
    transaction.addInput(Buffer.alloc(32), 0xffffffff, Transaction.DEFAULT_SEQUENCE, unique);
    transaction.addOutput(TO_ANYONE, REWARD_SAT);
    this.#add(transaction);
    this.#free.push(transaction.getId());
    return transaction;
  }

  /** Creates a transaction that pays an amount to a script, and the rest of a coinbase to everybody. */
  payment(script: Buffer, satoshis: number): Buffer {
    const id = this.#free.shift();
    if (id === undefined) throw new Error("every coinbase is spent: mine more blocks");
    const transaction = new Transaction();
    transaction.version = 2;
    transaction.addInput(Buffer.from(id, "hex").reverse(), 0);
    transaction.setWitness(0, [ANYONE]);
    transaction.addOutput(script, satoshis);
    transaction.addOutput(TO_ANYONE, REWARD_SAT - satoshis - 1_000);
    return transaction.toBuffer();
  }

  /** @throws Error if it spends more than there is, or what is spent */
  spend(transaction: Transaction): void {
    for (const outpoint of spentBy(transaction)) {
      if (!this.#outputs.has(outpoint)) throw new Error("bad-txns-inputs-missingorspent");
      if (this.#spenders.has(outpoint)) throw new Error("txn-mempool-conflict");
    }
    if (this.feeOf(transaction) < 0) throw new Error("bad-txns-in-belowout");
    for (const outpoint of spentBy(transaction)) this.#spenders.set(outpoint, transaction.getId());
    this.#add(transaction);
  }

  isSpent(id: string, index: number): boolean {
    return this.#spenders.has(`${id}:${String(index)}`);
  }

  feeOf(transaction: Transaction): number {
    const inputs = spentBy(transaction).map((outpoint) => this.#outputs.get(outpoint)?.value ?? 0);
    return sum(inputs) - sum(transaction.outs.map(({ value }) => value));
  }

  scriptsSpentBy(transaction: Transaction): Buffer[] {
    return spentBy(transaction).flatMap((outpoint) => this.#outputs.get(outpoint)?.script ?? []);
  }

  #add(transaction: Transaction): void {
    const id = transaction.getId();
    for (const [index, output] of transaction.outs.entries()) this.#outputs.set(`${id}:${String(index)}`, output);
  }
}

function spentBy({ ins }: Transaction): string[] {
  return ins.map(({ hash, index }) => `${Buffer.from(hash).reverse().toString("hex")}:${String(index)}`);
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
