import { writeSync } from "node:fs";
import { LmdbRecords } from "../../../src/adapters/lmdb/records.js";
import { keepWriting } from "./reports.js";

// A process of its own, to be killed: writes into the folder of its first argument and prints what was acknowledged.
const [folder = "", round = ""] = process.argv.slice(2);
await keepWriting(new LmdbRecords(folder), round, (name) => writeSync(1, `${name}\n`));
