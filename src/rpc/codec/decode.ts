import { type DescMessage, fromBinary, fromJsonString, type Message } from "@bufbuild/protobuf";
import { DomainError } from "../../core/errors.js";
import { binaryOptions } from "./binary-options.js";
import { decodeCanonical } from "./decode-plan.js";
import { checkJson, scanJson } from "./scan-json.js";
import { nameBadText, scanWire } from "./scan-wire.js";
import { wirePlan } from "./wire-plan.js";

/** A request, decoded. */
export interface Decoded {
  message: Message;
  /** The bytes it was decoded from, if they are its canonical binary encoding. */
  bytes: Uint8Array | undefined;
}

/**
 * Decodes a request after a check that this is not too expensive. Unknown fields are dropped.
 * @throws DomainError `field_invalid` for undecodable input
 */
export function decode(desc: DescMessage, isBinary: boolean, bytes: Buffer): Decoded {
  return isBinary ? decodeBinary(desc, bytes) : { message: decodeJson(desc, bytes), bytes: undefined };
}

function decodeBinary(desc: DescMessage, bytes: Buffer): Decoded {
  const isCanonical = scanWire(desc, bytes);
  const known = isCanonical ? decodeCanonical(desc, bytes) : undefined;
  if (known !== undefined) return { message: known, bytes };
  try {
    return { message: fromBinary(desc, bytes, binaryOptions), bytes: isCanonical ? bytes : undefined };
  } catch (error) {
    nameBadText(desc, bytes);
    throw unparsable(desc, error);
  }
}

/** JSON up to this size is cheap to decode, whatever it contains. */
const SMALL_BYTES = 1_024;

function decodeJson(desc: DescMessage, bytes: Buffer): Message {
  scanJson(bytes);
  try {
    const text = bytes.toString();
    if (bytes.length > SMALL_BYTES) checkJson(wirePlan(desc), JSON.parse(text));
    return fromJsonString(desc, text, { ignoreUnknownFields: true }); // the library's default
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw unparsable(desc, error);
  }
}

function unparsable({ typeName }: DescMessage, error: unknown): DomainError {
  const why = error instanceof Error ? error.message : String(error);
  return new DomainError("field_invalid", `the request is not a valid ${typeName}: ${why}`);
}
