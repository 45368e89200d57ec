import type { RootDatabase } from "lmdb";

/** Version of the layout of all databases in a file. Raise it with every change that older versions cannot read. */
export const FORMAT = 1;

/** Name of the database that contains the format. */
export const FORMAT_DATABASE = "format";
const KEY = "version";

/** Writes the format into a new file. */
export function writeFormat(root: RootDatabase): void {
  root.openDB<number, string>({ name: FORMAT_DATABASE }).putSync(KEY, FORMAT);
}

/** Reads the format of a file that has one. */
export function readFormat(root: RootDatabase): number | undefined {
  return root.openDB<number, string>({ name: FORMAT_DATABASE }).get(KEY);
}

/** Describes a file of another version of the server, whose entries this one would misread; undefined if there is none. */
export function foreignFormat(format = FORMAT): string | undefined {
  if (format === FORMAT) return undefined;
  return (
    `it was written by another version of the server (format ${String(format)}; this version reads format ` +
    `${String(FORMAT)}): install that version, or restore a backup that was made with this one`
  );
}
