import { createHash } from "node:crypto";

/** A transaction of Bitcoin, as far as a simulated chain needs it. */
export interface Transaction {
  bytes: Uint8Array;
  txid: string;
  /** The outputs that it spends, as `txid:index`. */
  spends: string[];
  /** The first block that may contain it; a time, if it is 500,000,000 or more. */
  lockTime: number;
}

export function readTransaction(bytes: Uint8Array): Transaction {
  const reader = new Reader(Buffer.from(bytes));
  const version = reader.take(4);
  const hasWitness = reader.skipMarker();
  const start = reader.position;
  const spends = reader.list(() => {
    const outpoint = `${reversed(reader.take(32))}:${String(reader.take(4).readUInt32LE())}`;
    reader.take(reader.count()); // the script
    reader.take(4); // the sequence
    return outpoint;
  });
  reader.list(() => {
    reader.take(8); // the value
    reader.take(reader.count()); // the script
  });
  const inputsAndOutputs = reader.between(start);
  if (hasWitness) spends.forEach(() => reader.list(() => reader.take(reader.count())));
  const lockTime = reader.take(4);
  const hash = sha256(sha256(Buffer.concat([version, inputsAndOutputs, lockTime])));
  return { bytes, txid: reversed(hash), spends, lockTime: lockTime.readUInt32LE() };
}

/** The ID of an output as people write it; the kit has the bytes of the transaction's hash in the other order. */
export function outpoint(txid: Uint8Array, index: number): string {
  return `${reversed(Buffer.from(txid))}:${String(index)}`;
}

class Reader {
  position = 0;

  constructor(readonly bytes: Buffer) {}

  take(length: number): Buffer {
    this.position += length;
    if (this.position > this.bytes.length) throw new Error("the transaction is cut off");
    return this.bytes.subarray(this.position - length, this.position);
  }

  /** A length in Bitcoin's encoding of one, three or five bytes. */
  count(): number {
    const first = this.take(1).readUInt8();
    if (first < 0xfd) return first;
    return first === 0xfd ? this.take(2).readUInt16LE() : this.take(4).readUInt32LE();
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.count() }, read);
  }

  /** Skips the two bytes before the inputs of a transaction with witnesses. */
  skipMarker(): boolean {
    const hasWitness = this.bytes.readUInt8(this.position) === 0;
    if (hasWitness) this.take(2);
    return hasWitness;
  }

  between(start: number): Buffer {
    return this.bytes.subarray(start, this.position);
  }
}

function reversed(bytes: Buffer): string {
  return Buffer.from(bytes).reverse().toString("hex");
}

function sha256(bytes: Buffer): Buffer {
  return createHash("sha256").update(bytes).digest();
}
