import { MAX_FRAMES, MAX_LINES } from "../../client/moderation/limits.js";
import type { EvidenceDocument, EvidenceFrame, EvidenceLine } from "../../client/moderation/types.js";
import { EntryError } from "../parts/use-action.js";

/** The latest time that a date can have, in milliseconds. */
const LAST_MS = 8.64e15;

/**
 * Reads what was decrypted. The reporter wrote it, with whatever program.
 * @throws EntryError what is wrong with it
 */
export function parseDocument(text: string): EvidenceDocument {
  const { version, matchId, reporterId, createdMs, lines, frames } = objectIn(text);
  if (version !== 1) refuse("version", "is not 1: the evidence may be of a newer client");
  return {
    version,
    matchId: stringOf("matchId", matchId),
    reporterId: stringOf("reporterId", reporterId),
    createdMs: timeOf("createdMs", createdMs),
    lines: inOrder(listOf("lines", lines, MAX_LINES).map(lineOf)),
    frames: listOf("frames", frames, MAX_FRAMES).map(frameOf),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function objectIn(text: string): Fields {
  try {
    return fieldsOf("the document", JSON.parse(text));
  } catch (error) {
    if (error instanceof EntryError) throw error;
    return refuse("the document", "is not JSON");
  }
}

function lineOf(value: unknown, index: number): EvidenceLine {
  const name = `lines[${String(index)}]`;
  const { from, text, atMs, number, previous } = fieldsOf(name, value);
  if (from !== "me" && from !== "partner") return refuse(`${name}.from`, "names no side");
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0) {
    return refuse(`${name}.number`, "is no number of a line");
  }
  return {
    ...{ from, number, text: stringOf(`${name}.text`, text) },
    ...{ atMs: timeOf(`${name}.atMs`, atMs), previous: stringOf(`${name}.previous`, previous) },
  };
}

function frameOf(value: unknown, index: number): EvidenceFrame {
  const name = `frames[${String(index)}]`;
  const { atMs, jpeg } = fieldsOf(name, value);
  return { atMs: timeOf(`${name}.atMs`, atMs), jpeg: stringOf(`${name}.jpeg`, jpeg) };
}

/** Each line can be proved on its own: in another order they would say something else. */
function inOrder(lines: readonly EvidenceLine[]): readonly EvidenceLine[] {
  const last = { me: 0, partner: 0 };
  lines.forEach(({ from, number }, index) => {
    if (number === 0) return;
    if (number <= last[from]) refuse(`lines[${String(index)}].number`, "is out of order");
    last[from] = number;
  });
  return lines;
}

function fieldsOf(name: string, value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse(name, "is no object");
  return value as Fields;
}

function listOf(name: string, value: unknown, max: number): unknown[] {
  if (!Array.isArray(value)) return refuse(name, "is no list");
  if (value.length > max) return refuse(name, `has more than ${String(max)} entries`);
  return value;
}

function stringOf(name: string, value: unknown): string {
  return typeof value === "string" ? value : refuse(name, "is no text");
}

function timeOf(name: string, value: unknown): number {
  return typeof value === "number" && Math.abs(value) <= LAST_MS ? value : refuse(name, "is no time");
}

function refuse(name: string, problem: string): never {
  throw new EntryError(`The evidence was decrypted, but no client of this server made it: ${name} ${problem}.`);
}
