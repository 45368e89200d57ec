import { isUtf8 } from "node:buffer";
import { DomainError } from "../../core/errors.js";
import type { FieldPlan, WirePlan } from "./wire-plan.js";

/** Most names and items, and deepest nesting, of a JSON request. Our largest request has about a thousand parts. */
const MAX_PARTS = 1_500;
const MAX_DEPTH = 16;

/** Most digits of a number, as parsing takes time quadratic in them. */
const MAX_DIGITS = 64;

const [ZERO, NINE] = [0x30, 0x39];
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [BRACKET, BRACE, BRACKET_END, BRACE_END] = [0x5b, 0x7b, 0x5d, 0x7d];

/**
 * Refuses JSON that would be expensive to parse, by its punctuation outside of strings: parsing thousands of parts
 * costs a hundred times as much as scanning them.
 * @throws DomainError `field_invalid`
 */
export function scanJson(bytes: Buffer): void {
  if (!isUtf8(bytes)) refuse("the request is not UTF-8");
  let [parts, depth, digits] = [0, 0, 0];
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte >= ZERO && byte <= NINE) {
      if (++digits > MAX_DIGITS) refuse("the request has a number of too many digits");
      continue;
    }
    digits = 0;
    switch (byte) {
      case QUOTE:
        at = endOfString(bytes, at);
        break;
      case BRACKET:
      case BRACE:
        if (++depth > MAX_DEPTH) refuse("the request is nested too deeply");
        parts++;
        break;
      case BRACKET_END:
      case BRACE_END:
        depth--;
        break;
      case COMMA:
      case COLON:
        parts++;
    }
    if (parts > MAX_PARTS) refuse("the request has too many parts");
  }
}

/** The index of the closing quote, or the end of the bytes. A native search would cost more than these few steps. */
function endOfString(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

/** Most characters of values that JSON writes as strings: 64-bit numbers, durations, enum names. */
const MAX_WORD = 128;

/**
 * Checks counts and sizes in parsed JSON before it is decoded, as `scanWire` does in binary.
 * @throws DomainError `field_invalid`, which names the field
 */
export function checkJson(plan: WirePlan, value: unknown, path = ""): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return; // the decoder refuses it
  for (const [name, inner] of Object.entries(value)) {
    const field = plan.byJsonName.get(name);
    if (field !== undefined) checkField(field, inner, path === "" ? field.name : `${path}.${field.name}`);
  }
}

function checkField(field: FieldPlan, value: unknown, path: string): void {
  if (!Array.isArray(value)) {
    checkValue(field, value, path);
    return;
  }
  if (value.length > field.maxItems) refuse(`${path}: has more than ${String(field.maxItems)} items`, path);
  value.forEach((item, index) => {
    checkValue(field, item, `${path}[${String(index)}]`);
  });
}

function checkValue(field: FieldPlan, value: unknown, path: string): void {
  if (typeof value === "string") {
    const maxBytes = field.isString ? field.maxBytes : MAX_WORD;
    // A UTF-16 code unit has up to three bytes in UTF-8.
    const isLong = value.length * 3 > maxBytes && Buffer.byteLength(value) > maxBytes;
    if (isLong) refuse(`${path}: is longer than ${String(maxBytes)} bytes`, path);
  } else if (field.child !== undefined) checkJson(field.child, value, path);
}

function refuse(why: string, field?: string): never {
  throw new DomainError("field_invalid", why, field === undefined ? {} : { field });
}
