import { type DescField, type DescMessage, getOption, ScalarType } from "@bufbuild/protobuf";
import { WireType } from "@bufbuild/protobuf/wire";
import { field as rulesOf } from "@bufbuild/protovalidate/gen/buf/validate/validate_pb.js";

/** The allowed encoding of a message, derived once from its descriptor. */
export interface WirePlan {
  typeName: string;
  /** By field number. */
  fields: ReadonlyMap<number, FieldPlan>;
  /** By JSON name and by field name. */
  byJsonName: ReadonlyMap<string, FieldPlan>;
}

export interface FieldPlan {
  name: string;
  /** Its `WireType`, as a number. */
  wireType: number;
  isRepeated: boolean;
  isString: boolean;
  /** Numbers what must not occur twice: the field, or the oneof it belongs to. From 0 within the message. */
  slot: number;
  /** Most items, and most bytes of a string, that the rules allow. */
  maxItems: number;
  maxBytes: number;
  child: WirePlan | undefined;
}

const plans = new Map<DescMessage, WirePlan>();

/** @throws Error for messages that contain themselves, or maps or groups; our requests have none */
export function wirePlan(desc: DescMessage, above: readonly DescMessage[] = []): WirePlan {
  const known = plans.get(desc);
  if (known !== undefined) return known;
  if (above.includes(desc)) throw new Error(`${desc.typeName} contains itself`);
  const slots = desc.members.flatMap((member) => (member.kind === "oneof" ? [member.fields] : [[member]]));
  const fields = desc.fields.map((field): [number, FieldPlan] => [
    field.number,
    planField(
      field,
      slots.findIndex((some) => some.includes(field)),
      [...above, desc],
    ),
  ]);
  const byNumber = new Map(fields);
  const names = desc.fields.flatMap(({ number, name, jsonName }): [string, FieldPlan][] => {
    const field = byNumber.get(number);
    return field === undefined
      ? []
      : [[name, field] as const, [jsonName, field] as const].map(([one, its]) => [one, its]);
  });
  const plan = { typeName: desc.typeName, fields: byNumber, byJsonName: new Map(names) };
  plans.set(desc, plan);
  return plan;
}

function planField(field: DescField, slot: number, above: readonly DescMessage[]): FieldPlan {
  if (field.fieldKind === "map") throw new Error(`${field.toString()} is a map`);
  const isRepeated = field.fieldKind === "list";
  const rules = getOption(field, rulesOf).type;
  const repeated = rules.case === "repeated" ? rules.value : undefined;
  const itemRules = repeated === undefined ? rules : (repeated.items?.type ?? { case: undefined });
  const text = itemRules.case === "string" ? itemRules.value : undefined;
  const scalar = field.message ? undefined : (field.scalar ?? ScalarType.INT32);
  return {
    name: field.name,
    wireType: wireTypeOf(scalar),
    isRepeated,
    isString: scalar === ScalarType.STRING,
    slot,
    maxItems: Number(repeated?.maxItems ?? 0) || Infinity,
    maxBytes: text === undefined ? Infinity : bytesOf(Number(text.maxBytes), Number(text.maxLen)),
    child: field.message && wirePlan(field.message, above),
  };
}

/** A character has up to four bytes in UTF-8. */
function bytesOf(maxBytes: number, maxCharacters: number): number {
  return Math.min(maxBytes || Infinity, maxCharacters * 4 || Infinity);
}

function wireTypeOf(scalar: ScalarType | undefined): WireType {
  switch (scalar) {
    case undefined:
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return WireType.LengthDelimited;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return WireType.Bit64;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return WireType.Bit32;
    default:
      return WireType.Varint;
  }
}
