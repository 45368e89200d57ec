import { writeSync } from "node:fs";
import { openFolder } from "../../support/place.js";
import { keepWriting } from "./reports.js";

// A process of its own, to be killed: writes into the folder of its first argument and prints what was acknowledged.
const [folder = "", round = ""] = process.argv.slice(2);
await keepWriting(openFolder(folder).records, round, (name) => writeSync(1, `${name}\n`));
