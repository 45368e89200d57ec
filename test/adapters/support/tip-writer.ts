import { writeSync } from "node:fs";
import { openStores } from "../../support/store-fixture.js";
import { keepSettling } from "./tips.js";

// A process to be killed. It settles tips in the folder of its first argument and prints what was acknowledged.
const [folder = "", round = ""] = process.argv.slice(2);
await keepSettling(openStores(folder).tips, round, (name) => writeSync(1, `${name}\n`));
