import { Encrypter } from "age-encryption";
import { SatoshigleError } from "../errors.js";
import type { EvidenceDocument } from "./types.js";

/** What encryption adds for ten recipients, and more. */
const OVERHEAD_BYTES = 4_096;

/** Encrypts a document for the moderators. Without room for all lines, the oldest are left out. */
export async function seal(document: EvidenceDocument, recipients: string[], maxBytes: number): Promise<Uint8Array> {
  const encrypter = new Encrypter();
  try {
    for (const recipient of recipients) encrypter.addRecipient(recipient);
  } catch (cause) {
    throw new SatoshigleError("internal", "The server's keys for evidence are not usable.", { cause });
  }
  return encrypter.encrypt(fitting(document, maxBytes - OVERHEAD_BYTES));
}

function fitting(document: EvidenceDocument, maxBytes: number): Uint8Array {
  for (let { lines } = document; ; lines = lines.slice(1)) {
    const bytes = new TextEncoder().encode(JSON.stringify({ ...document, lines }));
    if (bytes.length <= maxBytes || lines.length === 0) return bytes;
  }
}
