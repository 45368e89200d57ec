/** Writes the table of variables into the pages that have its markers, and `.env.example`. */
import { writeFileSync } from "node:fs";
import { configurationFiles } from "./configuration.js";

for (const [path, content] of await configurationFiles()) writeFileSync(path, content);
