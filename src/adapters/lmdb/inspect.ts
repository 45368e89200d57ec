import { ABORT, open, type RootDatabase } from "lmdb";
import { nameOf } from "./commit-queue.js";
import type { Findings } from "./inspection.js";
import { PRIVATE_FILE } from "./private-files.js";

// A process of its own: reads every entry of the file of its first argument for as many milliseconds as the second says.
// A damaged file may end it with SIGSEGV or SIGBUS, which is the answer then.

/** As much as has to find room in one piece: LMDB looks for it among its free pages, which are looked through with that. */
const PIECE_BYTES = 65_536;
/** How many entries are read between two looks at the clock. */
const AT_ONCE = 1_000;

const [path = "", limitMs = ""] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await inspect(Number(limitMs))));

async function inspect(limitMs: number): Promise<Findings> {
  try {
    const mode = { permissionsMode: PRIVATE_FILE };
    const root = open({ path, maxDbs: 64, noMemInit: true, overlappingSync: false, ...mode });
    const findings = readAll(root, performance.now() + limitMs);
    await root.close();
    return findings;
  } catch (error) {
    return { problem: nameOf(error), entries: 0, isComplete: false };
  }
}

function readAll(root: RootDatabase, untilMs: number): Findings {
  let entries = 0;
  const names = [...root.getKeys()].filter((name) => typeof name === "string");
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

/** Prepares a write and gives it up: nothing changes. */
function tryToWrite(database: ReturnType<RootDatabase["openDB"]>): void {
  database.transactionSync(() => {
    void database.put("", Buffer.alloc(PIECE_BYTES));
    return ABORT;
  });
}
