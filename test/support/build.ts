import { execFileSync } from "node:child_process";

/** What projects of one run share; each loads modules of its own. */
const shared = globalThis as { isSatoshigleBuilt?: boolean };

/** Builds what `npm start` runs from the present sources, once in a run of the tests. */
export function build(): void {
  if (shared.isSatoshigleBuilt) return;
  execFileSync("npm", ["run", "--silent", "build"], { stdio: ["ignore", "ignore", "inherit"] });
  shared.isSatoshigleBuilt = true;
}
