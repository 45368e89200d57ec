import { create, type DescField, type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";

const LENGTH: number = WireType.LengthDelimited;

/** Bytes, and how far they were read. */
interface Reader {
  readonly bytes: Buffer;
  at: number;
}

type Fields = Record<string, unknown>;
type Read = (reader: Reader) => unknown;
type ReadField = (reader: Reader, message: Fields, wireType: number) => void;

interface DecodePlan {
  /** Returns a message without any field. */
  empty: () => Fields;
  /** By field number. */
  fields: (ReadField | undefined)[];
}

/**
 * Decodes a message from its canonical encoding, which a scan has found to be complete. The library looks up each field
 * by reflection, which costs several times as much; the result is the same.
 * @returns undefined if the library has to decode it: it may hold text that is not UTF-8, or is of a type that no plan is
 * made for
 */
export function decodeCanonical(desc: DescMessage, bytes: Buffer): Message | undefined {
  const plan = planOf(desc);
  if (plan === undefined) return undefined;
  const reader = { bytes, at: 0 };
  const message = readMessage(plan, reader, bytes.length);
  return reader.at > bytes.length ? undefined : (message as unknown as Message);
}

const plans = new Map<DescMessage, DecodePlan | undefined>();

function planOf(desc: DescMessage): DecodePlan | undefined {
  if (plans.has(desc)) return plans.get(desc);
  const read = desc.fields.map((field) => [field.number, fieldOf(field)] as const);
  const fields: (ReadField | undefined)[] = [];
  for (const [number, one] of read) fields[number] = one;
  const plan = read.some(([, one]) => one === undefined) ? undefined : { empty: emptyOf(desc), fields };
  plans.set(desc, plan);
  return plan;
}

/** Messages without fields share a prototype; lists and oneofs belong to each. */
function emptyOf(desc: DescMessage): () => Fields {
  const zero = create(desc) as unknown as Fields;
  const prototype = Object.getPrototypeOf(zero) as object;
  const isPlain = prototype === Object.prototype;
  const lists = desc.fields.filter(({ fieldKind }) => fieldKind === "list").map(({ localName }) => localName);
  const oneofs = desc.oneofs.map(({ localName }) => localName);
  return () => {
    const message = isPlain ? { ...zero } : Object.assign(Object.create(prototype) as Fields, zero);
    for (const name of lists) message[name] = [];
    for (const name of oneofs) message[name] = { case: undefined };
    return message;
  };
}

function readMessage({ empty, fields }: DecodePlan, reader: Reader, end: number): Fields {
  const message = empty();
  while (reader.at < end) {
    const tag = readVarint(reader);
    fields[tag >>> 3]?.(reader, message, tag & 7);
  }
  return message;
}

/** Undefined for fields that the library has to decode. */
function fieldOf(field: DescField): ReadField | undefined {
  const { localName: name, oneof } = field;
  const read = valueOf(field);
  if (read === undefined) return undefined;
  if (field.fieldKind === "list") return listOf(name, read, field.listKind !== "message" && isNumber(field.scalar));
  if (oneof === undefined) {
    return (reader, message) => {
      message[name] = read(reader);
    };
  }
  const group = oneof.localName;
  return (reader, message) => {
    message[group] = { case: name, value: read(reader) };
  };
}

function isNumber(scalar: ScalarType | undefined): boolean {
  return scalar !== ScalarType.STRING;
}

function listOf(name: string, read: Read, isPacked: boolean): ReadField {
  return (reader, message, wireType) => {
    const list = message[name] as unknown[];
    if (!isPacked || wireType !== LENGTH) {
      list.push(read(reader));
      return;
    }
    for (const end = readVarint(reader) + reader.at; reader.at < end;) list.push(read(reader));
  };
}

function valueOf(field: DescField): Read | undefined {
  if (field.message !== undefined) {
    if (field.fieldKind === "map") return undefined;
    const plan = planOf(field.message);
    return plan && ((reader) => readMessage(plan, reader, readVarint(reader) + reader.at));
  }
  if (field.enum !== undefined) return field.enum.open ? readVarint : undefined;
  if ("longAsString" in field && field.longAsString) return undefined;
  switch (field.scalar) {
    case ScalarType.STRING:
      return readText;
    case ScalarType.BOOL:
      return (reader) => readVarint(reader) !== 0;
    case ScalarType.INT32:
    case ScalarType.UINT32:
      return readVarint;
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return (reader) => BigInt(readVarint(reader));
    default:
      return undefined;
  }
}

/** Canonical numbers of up to 28 bits; larger ones count as not canonical. */
function readVarint(reader: Reader): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = reader.bytes[reader.at++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value >>> 0;
  }
}

/** Text that may not have been UTF-8 moves the reader beyond the end. */
function readText(reader: Reader): string {
  const length = readVarint(reader);
  const text = reader.bytes.toString("utf8", reader.at, reader.at + length);
  reader.at = text.includes("\ufffd") ? Infinity : reader.at + length;
  return text;
}
