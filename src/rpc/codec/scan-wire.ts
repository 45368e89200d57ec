import type { DescMessage } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { isUtf8 } from "node:buffer";
import { DomainError } from "../../core/errors.js";
import { type FieldPlan, type WirePlan, wirePlan } from "./wire-plan.js";

/** Most fields of a request, and most unknown ones. Our largest request has about 400. */
const MAX_FIELDS = 1_024;
const MAX_UNKNOWN = 32;

/**
 * Scans the bytes of a request before they are decoded, which may cost a hundred times as much. Checks that each field
 * has its wire type and ends within its message, and that there are not too many fields or too long ones. Copies
 * nothing. Every parser decodes accepted bytes in the same way; groups, which our messages do not use, are refused.
 * @returns whether the bytes are the canonical encoding: no unknown field, no field twice, no number in more bytes than
 * needed. Only then do they say nothing beyond the decoded message.
 * @throws DomainError `field_invalid`, which names the field if possible
 */
export function scanWire(desc: DescMessage, bytes: Uint8Array): boolean {
  return new Scan(bytes, false).run(wirePlan(desc));
}

/** Finds the first string that is not UTF-8. @throws DomainError `field_invalid`, which names the field */
export function nameBadText(desc: DescMessage, bytes: Uint8Array): void {
  new Scan(bytes, true).run(wirePlan(desc));
}

/** As numbers, to compare them with bytes. */
const [VARINT, BIT64, LENGTH, BIT32]: number[] = [
  WireType.Varint,
  WireType.Bit64,
  WireType.LengthDelimited,
  WireType.Bit32,
];

class Scan {
  #at = 0;
  #fields = 0;
  #unknown = 0;
  #isCanonical = true;
  readonly #path: string[] = [];

  constructor(
    private readonly bytes: Uint8Array,
    private readonly checksText: boolean,
  ) {}

  run(plan: WirePlan): boolean {
    this.#message(plan, this.bytes.length);
    return this.#isCanonical;
  }

  #message(plan: WirePlan, end: number): void {
    let seen = 0;
    let counts: number[] | undefined; // by the slots of repeated fields
    while (this.#at < end) {
      const tag = this.#varint(end);
      if (++this.#fields > MAX_FIELDS) this.#refuse("has too many fields");
      const field = plan.fields.get(tag >>> 3);
      if (field === undefined) {
        this.#skipUnknown(tag, end);
        continue;
      }
      if (field.isRepeated) {
        counts ??= [];
        const index = counts[field.slot] ?? 0;
        const isPacked = field.wireType !== LENGTH && (tag & 7) === LENGTH;
        counts[field.slot] = isPacked ? this.#packed(field, end, index) : index + 1;
        if (isPacked) continue;
        this.#checkCount(field, index);
        if (field.wireType !== LENGTH) this.#isCanonical = false; // numbers are packed
        this.#field(field, tag & 7, end, index);
      } else {
        const bit = 1 << (field.slot & 31);
        if ((seen & bit) !== 0) this.#isCanonical = false; // repeated, or in a message with more fields than bits
        seen |= bit;
        this.#field(field, tag & 7, end, -1);
      }
    }
  }

  #field(field: FieldPlan, wireType: number, end: number, index: number): void {
    if (wireType !== field.wireType) {
      this.#refuse("has the wrong wire type", field);
    }
    if (wireType !== LENGTH) {
      this.#skipNumber(wireType, end);
      return;
    }
    const length = this.#varint(end);
    const to = this.#at + length;
    if (to > end) this.#refuse("is truncated", field);
    if (length > field.maxBytes) {
      this.#refuse(`is longer than ${String(field.maxBytes)} bytes`, field, index);
    }
    if (field.child !== undefined) {
      this.#path.push(index < 0 ? field.name : `${field.name}[${String(index)}]`);
      this.#message(field.child, to);
      this.#path.pop();
    } else if (this.checksText && field.isString && !isUtf8(this.bytes.subarray(this.#at, to))) {
      this.#refuse("is not UTF-8", field, index);
    }
    this.#at = to;
  }

  /** Skips packed numbers. Returns how many the field has then. */
  #packed(field: FieldPlan, end: number, index: number): number {
    if (index > 0) this.#isCanonical = false;
    const to = this.#varint(end) + this.#at;
    if (to > end) this.#refuse("is truncated", field);
    while (this.#at < to) {
      this.#checkCount(field, index++);
      this.#skipNumber(field.wireType, to);
    }
    return index;
  }

  #checkCount(field: FieldPlan, index: number): void {
    if (index >= field.maxItems) this.#refuse(`has more than ${String(field.maxItems)} items`, field);
  }

  #skipUnknown(tag: number, end: number): void {
    this.#isCanonical = false;
    if (tag >>> 3 === 0) this.#refuse("is malformed");
    if (++this.#unknown > MAX_UNKNOWN) this.#refuse("has too many unknown fields");
    if ((tag & 7) === LENGTH) {
      const length = this.#varint(end);
      this.#at += length;
      if (this.#at > end) this.#refuse("is truncated");
    } else this.#skipNumber(tag & 7, end);
  }

  #skipNumber(wireType: number, end: number): void {
    switch (wireType) {
      case VARINT:
        this.#skipVarint(end);
        return;
      case BIT64:
        this.#at += 8;
        break;
      case BIT32:
        this.#at += 4;
        break;
      default:
        this.#refuse("is malformed"); // groups and invalid types
    }
    if (this.#at > end) this.#refuse("is truncated");
  }

  /** Reads a tag or a length: at most 32 bits. */
  #varint(end: number): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (this.#at >= end) this.#refuse("is truncated");
      const byte = this.bytes[this.#at++] ?? 0;
      value |= (byte & 0x7f) << shift;
      if (byte >= 0x80) continue;
      if (byte === 0 && shift > 0) this.#isCanonical = false;
      if (shift === 28 && byte > 0x0f) break;
      return value >>> 0;
    }
    return this.#refuse("is malformed");
  }

  /** Skips a value of up to 64 bits. */
  #skipVarint(end: number): void {
    for (let length = 1; length <= 10; length++) {
      if (this.#at >= end) this.#refuse("is truncated");
      const byte = this.bytes[this.#at++] ?? 0;
      if (byte >= 0x80) continue;
      if ((byte === 0 && length > 1) || length > 4) this.#isCanonical = false;
      return;
    }
    this.#refuse("is malformed");
  }

  #refuse(why: string, field?: FieldPlan, index = -1): never {
    const name = field && (index < 0 ? field.name : `${field.name}[${String(index)}]`);
    const path = [...this.#path, ...(name === undefined ? [] : [name])].join(".");
    throw new DomainError("field_invalid", `${path || "the request"}: ${why}`, path === "" ? {} : { field: path });
  }
}
