import { parseEnv } from "node:util";

/** A parsed `.env` file. */
export interface Dotenv {
  values: Record<string, string>;
  /** The line on which each variable is set, from 1. */
  lines: ReadonlyMap<string, number>;
  /** What must be changed, a sentence for each line. Values are not repeated: they may be secret. */
  problems: readonly string[];
  /** What is allowed and probably not meant. */
  warnings: readonly string[];
}

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*)$/;
const YAML = /^\s*(?:-\s+)?["']?([A-Za-z_][\w.-]*)["']?\s*:(?!=)/;

/** Reads a `.env` file and explains each line that cannot be read. */
export function parseDotenv(file: Buffer): Dotenv {
  if (isUtf16(file)) return { ...EMPTY, problems: [".env is encoded in UTF-16: save it as UTF-8"] };
  const content = file.toString("utf8").replace(/^\uFEFF/, "");
  const { lines, problems, warnings } = scan(content.split(/\r?\n|\r/));
  const values = problems.length === 0 ? parseEnv(content.replace(/\r\n?/g, "\n")) : {};
  return { values: values as Record<string, string>, lines, problems, warnings };
}

/** What stands for a file that does not exist. */
export const EMPTY: Dotenv = { values: {}, lines: new Map(), problems: [], warnings: [] };

/** Editors on Windows write UTF-16 with a mark at the beginning. */
function isUtf16(file: Buffer): boolean {
  const [first, second] = file;
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

function scan(content: readonly string[]): Pick<Dotenv, "lines" | "problems" | "warnings"> {
  const [lines, problems, warnings] = [new Map<string, number>(), [] as string[], [] as string[]];
  for (let index = 0; index < content.length; index++) {
    const [line, number] = [content[index] ?? "", index + 1];
    if (/^\s*(#|$)/.test(line)) continue;
    const where = `.env line ${String(number)}`;
    const [, name, value = ""] = ASSIGNMENT.exec(line) ?? [];
    if (name === undefined) {
      problems.push(`${where}: ${explain(line)}`);
      continue;
    }
    const earlier = lines.get(name);
    if (earlier !== undefined)
      warnings.push(`${where}: ${name} is also set on line ${String(earlier)}; this one counts`);
    lines.set(name, number);
    const last = lastLine(content, index, value);
    if (last === undefined) problems.push(`${where}: the quote that opens the value of ${name} is never closed`);
    else index = last;
    if (/^[^"'`#\s][^\s]*#/.test(value)) {
      problems.push(`${where}: in the value of ${name}, # begins a comment: put the value in quotes`);
    }
  }
  return { lines, problems, warnings };
}

function explain(line: string): string {
  const name = YAML.exec(line)?.[1];
  if (name !== undefined) return `this is YAML: write ${name}=value instead of ${name}: value`;
  return "this is not a variable: write NAME=value, or # at the beginning of a comment";
}

/** The index of the last line of a value, which may have several in quotes; undefined when its quote stays open. */
function lastLine(content: readonly string[], index: number, value: string): number | undefined {
  const quote = /^["'`]/.exec(value)?.[0];
  if (quote === undefined || value.includes(quote, 1)) return index;
  const end = content.findIndex((line, later) => later > index && line.includes(quote));
  return end === -1 ? undefined : end;
}
