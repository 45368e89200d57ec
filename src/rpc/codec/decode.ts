import { type DescMessage, fromBinary, fromJsonString, type Message } from "@bufbuild/protobuf";
import { DomainError } from "../../core/errors.js";
import { checkJson, scanJson } from "./scan-json.js";
import { nameBadText, scanWire } from "./scan-wire.js";
import { wirePlan } from "./wire-plan.js";

/** A request, decoded. */
export interface Decoded {
  message: Message;
  /** The bytes it was decoded from, if they are in binary and say nothing beyond it. */
  bytes: Uint8Array | undefined;
}

/**
 * Decodes a request, by way of a look at how dear that would be. What is not known is left out: it is for others.
 * @throws DomainError `field_invalid` for what does not parse
 */
export function decode(desc: DescMessage, isBinary: boolean, bytes: Buffer): Decoded {
  return isBinary ? decodeBinary(desc, bytes) : { message: decodeJson(desc, bytes), bytes: undefined };
}

/** Nothing of an unknown field reaches anybody. */
export const binaryOptions = { readUnknownFields: false, writeUnknownFields: false } as const;

function decodeBinary(desc: DescMessage, bytes: Buffer): Decoded {
  const isPlain = scanWire(desc, bytes);
  try {
    return { message: fromBinary(desc, bytes, binaryOptions), bytes: isPlain ? bytes : undefined };
  } catch (error) {
    nameBadText(desc, bytes);
    throw unparsable(desc, error);
  }
}

/** Nothing in JSON of so many bytes is dear. */
const SMALL_BYTES = 1_024;

function decodeJson(desc: DescMessage, bytes: Buffer): Message {
  scanJson(bytes);
  try {
    const text = bytes.toString();
    if (bytes.length > SMALL_BYTES) checkJson(wirePlan(desc), JSON.parse(text));
    return fromJsonString(desc, text, { ignoreUnknownFields: true }); // as the library does by default
  } catch (error) {
    if (error instanceof DomainError) throw error;
    throw unparsable(desc, error);
  }
}

function unparsable({ typeName }: DescMessage, error: unknown): DomainError {
  const why = error instanceof Error ? error.message : String(error);
  return new DomainError("field_invalid", `the request is no ${typeName}: ${why}`);
}
