import { WireType } from "@bufbuild/protobuf/wire";

/** Room for most messages; it grows for larger ones. */
const BYTES = 64 * 1024;
/** Most bytes of a varint, and of a tag with a length. */
const [VARINT_BYTES, FIELD_BYTES] = [10, 10];
/** A UTF-16 code unit has up to three bytes in UTF-8. */
const UTF8_BYTES = 3;

/** Writes messages in binary, one after another, into the same memory. */
export class WireWriter {
  #bytes = Buffer.allocUnsafeSlow(BYTES);
  #at = 0;

  /** Begins a message. @param headBytes how many bytes the caller will write before it */
  begin(headBytes: number): void {
    this.#at = headBytes;
  }

  /** Returns a copy of what was written. */
  finish(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#at));
  }

  /** Writes a number from 0 to 2^32 - 1. */
  varint(value: number): this {
    this.#reserve(VARINT_BYTES);
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#at++] = rest;
    return this;
  }

  /** Writes a number of 64 bits; a negative one in two's complement. */
  varint64(value: bigint): void {
    if (value >= 0n && value <= 0xffffffffn) {
      this.varint(Number(value));
      return;
    }
    this.#reserve(VARINT_BYTES);
    let rest = BigInt.asUintN(64, value);
    for (; rest >= 0x80n; rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
    this.#bytes[this.#at++] = Number(rest);
  }

  text(field: number, value: string): void {
    const start = this.open(field);
    this.#reserve(value.length * UTF8_BYTES);
    this.#at += this.#bytes.write(value, this.#at);
    this.close(start);
  }

  /** Begins a field with a length. Returns where its content begins, for `close`. */
  open(field: number): number {
    this.varint((field << 3) | WireType.LengthDelimited);
    this.#reserve(FIELD_BYTES);
    return ++this.#at; // most lengths take one byte
  }

  /** Writes the length of a field, and moves its content if that takes more than the byte kept for it. */
  close(start: number): void {
    const length = this.#at - start;
    let more = 0;
    for (let rest = length >>> 7; rest > 0; rest >>>= 7) more++;
    this.#reserve(more);
    if (more > 0) this.#bytes.copyWithin(start + more, start, this.#at);
    const end = this.#at + more;
    this.#at = start - 1;
    this.varint(length);
    this.#at = end;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
