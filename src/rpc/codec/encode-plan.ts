import { type DescField, type DescMessage, type MessageInitShape, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { WireType } from "@bufbuild/protobuf/wire";
import { WireWriter } from "./wire-writer.js";

/** Writes what a message has of its fields. */
type Encode = (writer: WireWriter, message: Fields) => void;

type Fields = Readonly<Record<string, unknown>>;
type Write = (writer: WireWriter, value: unknown) => void;

/**
 * Returns a function that encodes messages of a type in binary, given as initializers. The library creates each message
 * first, and looks up each field by reflection, which costs several times as much. The bytes are the same.
 * @throws Error for messages with maps, groups or kinds of numbers that ours do not have
 */
export function encoderOf<Desc extends DescMessage>(
  desc: Desc,
): (message: MessageInitShape<Desc>, headBytes?: number) => Buffer {
  const encode = planOf(desc);
  const writer = new WireWriter();
  return (message, headBytes = 0) => {
    writer.begin(headBytes);
    encode(writer, message);
    return writer.finish();
  };
}

const plans = new Map<DescMessage, Encode>();

function planOf(desc: DescMessage): Encode {
  const known = plans.get(desc);
  if (known !== undefined) return known;
  const fields: Encode[] = [];
  const encode: Encode = (writer, message) => {
    for (const field of fields) field(writer, message);
  };
  plans.set(desc, encode); // before its fields, which may be of the same type
  fields.push(...desc.fields.toSorted((a, b) => a.number - b.number).map(fieldOf));
  return encode;
}

function fieldOf(field: DescField): Encode {
  const { localName: name } = field;
  if (field.fieldKind === "list") return listOf(field);
  const write = valueOf(field);
  const { oneof } = field;
  if (oneof !== undefined) {
    const group = oneof.localName;
    return (writer, message) => {
      const chosen = message[group] as { case?: string; value?: unknown } | undefined;
      if (chosen?.case === name) write(writer, chosen.value);
    };
  }
  const isImplicit = field.fieldKind !== "message" && field.presence === FeatureSet_FieldPresence.IMPLICIT; // zero is no value
  return (writer, message) => {
    const value = message[name];
    if (value !== undefined && !(isImplicit && isZero(value))) write(writer, value);
  };
}

function isZero(value: unknown): boolean {
  return value === 0 || value === "" || value === false || value === 0n || (value as Uint8Array).length === 0;
}

/** Lists of messages and texts: a field for each item. */
function listOf(field: DescField & { fieldKind: "list" }): Encode {
  const { localName: name } = field;
  const isPacked = field.listKind !== "message" && field.scalar !== ScalarType.STRING;
  if (isPacked) throw new Error(`${field.toString()} is a list of numbers`);
  const write = valueOf(field);
  return (writer, message) => {
    for (const item of (message[name] as readonly unknown[] | undefined) ?? []) write(writer, item);
  };
}

function valueOf(field: DescField): Write {
  const { number, message } = field;
  if (message !== undefined) {
    const encode = planOf(message);
    return (writer, value) => {
      const start = writer.open(number);
      encode(writer, value as Fields);
      writer.close(start);
    };
  }
  return scalarOf(field, field.enum === undefined ? field.scalar : ScalarType.INT32);
}

function scalarOf(field: DescField, scalar: ScalarType | undefined): Write {
  const varint = (field.number << 3) | WireType.Varint;
  switch (scalar) {
    case ScalarType.STRING:
      return (writer, value) => {
        writer.text(field.number, value as string);
      };
    case ScalarType.BOOL:
      return (writer, value) => {
        writer.varint(varint).varint(value === true ? 1 : 0);
      };
    case ScalarType.INT32:
    case ScalarType.UINT32:
      return (writer, value) => {
        if ((value as number) < 0) writer.varint(varint).varint64(BigInt(value as number));
        else writer.varint(varint).varint(value as number);
      };
    case ScalarType.INT64:
    case ScalarType.UINT64:
      return (writer, value) => {
        writer.varint(varint).varint64(value as bigint);
      };
    default:
      throw new Error(`${field.toString()} is of a kind that is not encoded`);
  }
}
