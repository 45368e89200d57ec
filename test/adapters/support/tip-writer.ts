import { writeSync } from "node:fs";
import { openFolder } from "../../support/place.js";
import { keepSettling } from "./tips.js";

// A process of its own, to be killed: settles tips in the folder of its first argument and prints what was acknowledged.
const [folder = "", round = ""] = process.argv.slice(2);
await keepSettling(openFolder(folder).tips, round, (name) => writeSync(1, `${name}\n`));
