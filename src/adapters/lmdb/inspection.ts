import { execFile } from "node:child_process";
import { scriptNamed } from "./own-process.js";

/** Time limit for reading entries, in milliseconds. It bounds the startup time with large files. */
const READING_MS = 20_000;
/** How much later the process is killed, in milliseconds: it may hang on a damaged page. */
const GRACE_MS = 40_000;

/** Result of an inspection. */
export interface Findings {
  /** Why the file must not be opened; undefined if all entries read are intact. */
  problem?: string;
  /** Format of the file (see `FORMAT`); undefined in files without one. */
  format?: number;
  /** Number of entries read. */
  entries: number;
  /** Whether all entries were read. */
  isComplete: boolean;
}

/** Reads a database file in a child process, because a damaged file may crash it. */
export function inspect(path: string, readingMs = READING_MS): Promise<Findings> {
  const { path: script, execArgv, env } = scriptNamed("inspect");
  return new Promise((resolve) => {
    const args = [...execArgv, script, path, String(readingMs)];
    const options = { env, timeout: readingMs + GRACE_MS, killSignal: "SIGKILL" as const };
    execFile(process.execPath, args, options, (error, stdout) => {
      if (error === null) resolve(JSON.parse(stdout) as Findings);
      else resolve({ problem: problemOf(error), entries: 0, isComplete: false });
    });
  });
}

function problemOf({ killed, signal, code }: { killed?: boolean; signal?: string | null; code?: unknown }): string {
  if (killed === true) return "reading it timed out";
  return `reading it crashed with ${signal ?? `exit code ${String(code)}`}`;
}
