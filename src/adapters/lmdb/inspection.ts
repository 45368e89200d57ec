import { execFile } from "node:child_process";
import { scriptNamed } from "./own-process.js";

/** How long entries are read, in milliseconds: a start must not take longer, however large the file is. */
const READING_MS = 20_000;
/** After how much longer the process is ended, in milliseconds: it does not come back from a damaged page. */
const GRACE_MS = 40_000;

/** What was found in a file. */
export interface Findings {
  /** Why the file must not be opened; undefined when nothing is wrong with what was read. */
  problem?: string;
  /** How many entries were read. */
  entries: number;
  /** Whether these were all. */
  isComplete: boolean;
}

/** Reads a file of databases in a process of its own, which a damaged one may end. */
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
  if (killed === true) return "reading it does not come to an end";
  return `reading it ended a process with ${signal ?? `exit code ${String(code)}`}`;
}
