import { writeSync } from "node:fs";
import { openStores } from "../../support/store-fixture.js";
import { keepWriting } from "./reports.js";

// A process to be killed. It writes into the folder of its first argument and prints what was acknowledged.
const [folder = "", round = ""] = process.argv.slice(2);
await keepWriting(openStores(folder).records, round, (name) => writeSync(1, `${name}\n`));
