import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";

/** The options of the command, as they are given. */
export interface TransparencyOptions {
  from?: string | undefined;
  to?: string | undefined;
  format?: string | undefined;
  statements?: boolean | undefined;
  url?: string | undefined;
  header?: string[] | undefined;
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
}

/** What to ask for, and how to print it. */
export interface Order {
  from: string;
  to: string;
  start: Timestamp;
  end: Timestamp;
  format: "csv" | "json";
  headers: readonly [name: string, value: string][];
  url: string;
}

const DAY_MS = 24 * 60 * 60_000;

/** An option with a value that is not allowed. */
export class OptionError extends Error {}

/** @throws OptionError that names the option */
export function readOptions({ from, to, format = "csv", url = "", header = [] }: TransparencyOptions): Order {
  const [startMs, lastMs] = [readDay("--from", from), readDay("--to", to)];
  if (lastMs < startMs) throw new OptionError(`--to ${String(to)} is before --from ${String(from)}`);
  if (format !== "csv" && format !== "json") throw new OptionError(`--format ${format} is neither csv nor json`);
  if (!/^https?:/.test(url) || !URL.canParse(url)) throw new OptionError(`--url ${url} is not the URL of a server`);
  const [start, end] = [timestampFromMs(startMs), timestampFromMs(lastMs + DAY_MS)];
  return { from: String(from), to: String(to), start, end, format, headers: header.map(readHeader), url };
}

function readDay(option: string, text: string | undefined): number {
  const ms = Date.parse(`${text ?? ""}T00:00:00Z`);
  if (!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(`${text ?? ""}T`)) return ms;
  throw new OptionError(`${option} ${text ?? "is missing: it"} must be a day (UTC), such as 2026-01-31`);
}

function readHeader(line: string): [name: string, value: string] {
  const [, name = "", value = ""] = /^([\w-]+): *(.*)$/.exec(line) ?? [];
  if (name !== "") return [name, value];
  throw new OptionError("--header is not a name, a colon and a value");
}
