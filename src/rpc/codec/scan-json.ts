import { isUtf8 } from "node:buffer";
import { DomainError } from "../../core/errors.js";
import type { FieldPlan, WirePlan } from "./wire-plan.js";

/** Names, items and nesting that a request may have in JSON; the largest of ours has about a thousand. */
const MAX_PARTS = 1_500;
const MAX_DEPTH = 16;

/** Digits of a number: it takes the square of their number to read it. */
const MAX_DIGITS = 64;

const [ZERO, NINE] = [0x30, 0x39];
const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [BRACKET, BRACE, BRACKET_END, BRACE_END] = [0x5b, 0x7b, 0x5d, 0x7d];

/**
 * Refuses JSON that would be dear to parse, by its punctuation outside of strings: parsing what has thousands of parts
 * costs a hundred times as much as reading it.
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

/** Where the closing quote is; the end of the bytes when there is none. A call to find it costs more than a few steps. */
function endOfString(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at;
}

/** The most characters of what is written as text and is none: numbers of 64 bits, durations, names of enums. */
const MAX_WORD = 128;

/**
 * Holds parsed JSON against counts and sizes before it is decoded, as `scanWire` does with bytes.
 * @throws DomainError `field_invalid`, which names the field
 */
export function checkJson(plan: WirePlan, value: unknown, path = ""): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return; // which the decoder refuses
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
    const most = field.isString ? field.maxBytes : MAX_WORD;
    // A unit of a string has up to three bytes in UTF-8.
    const isLong = value.length * 3 > most && Buffer.byteLength(value) > most;
    if (isLong) refuse(`${path}: is longer than ${String(most)} bytes`, path);
  } else if (field.child !== undefined) checkJson(field.child, value, path);
}

function refuse(why: string, field?: string): never {
  throw new DomainError("field_invalid", why, field === undefined ? {} : { field });
}
