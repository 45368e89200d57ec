import { ABORT, open, type RootDatabase } from "lmdb";
import { nameOf } from "./commit-queue.js";
import { FORMAT_DATABASE, readFormat } from "./format.js";
import type { Findings } from "./inspection.js";
import { PRIVATE_FILE } from "./private-files.js";

// Entry point of a child process: reads every entry of the file in the first argument, within a time limit in
// milliseconds in the second. A damaged file may crash the process with SIGSEGV or SIGBUS, which the parent reports.

/** Size of a trial write: large enough that LMDB searches its list of free pages, which checks that list too. */
const PIECE_BYTES = 65_536;
/** Number of entries read between checks of the time limit. */
const AT_ONCE = 1_000;

const [path = "", limitMs = ""] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await inspect(Number(limitMs))));

async function inspect(limitMs: number): Promise<Findings> {
  try {
    const mode = { permissionsMode: PRIVATE_FILE };
    const root = open({ path, maxDbs: 64, noMemInit: true, overlappingSync: false, ...mode });
    const names = [...root.getKeys()].filter((name) => typeof name === "string");
    const format = names.includes(FORMAT_DATABASE) ? readFormat(root) : undefined;
    const findings = readAll(
      root,
      names.filter((name) => name !== FORMAT_DATABASE),
      performance.now() + limitMs,
    );
    await root.close();
    return { ...findings, ...(format !== undefined && { format }) };
  } catch (error) {
    return { problem: nameOf(error), entries: 0, isComplete: false };
  }
}

function readAll(root: RootDatabase, names: readonly string[], untilMs: number): Findings {
  let entries = 0;
  for (const name of names) {
    const database = root.openDB({ name });
    tryToWrite(database);
    const { entryCount } = database.getStats() as { entryCount: number };
    let found = 0;
    for (const { value } of database.getRange()) {
      if (value === undefined || ++found > entryCount)
        return { problem: `entries of ${name}`, entries, isComplete: false };
      if (++entries % AT_ONCE === 0 && performance.now() > untilMs) return { entries, isComplete: false };
    }
    if (found < entryCount) return { problem: `entries of ${name}`, entries, isComplete: false };
  }
  return { entries, isComplete: true };
}

/** Prepares a write and aborts it. */
function tryToWrite(database: ReturnType<RootDatabase["openDB"]>): void {
  database.transactionSync(() => {
    void database.put("", Buffer.alloc(PIECE_BYTES));
    return ABORT;
  });
}
