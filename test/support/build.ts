import { execFileSync } from "node:child_process";

/** State shared by all projects of a run, each of which loads its own modules. */
const shared = globalThis as { isSatoshigleBuilt?: boolean };

/** Builds what `npm start` runs, once per test run. */
export function build(): void {
  if (shared.isSatoshigleBuilt) return;
  execFileSync("npm", ["run", "--silent", "build"], { stdio: ["ignore", "ignore", "inherit"] });
  shared.isSatoshigleBuilt = true;
}
