import { execFileSync } from "node:child_process";

/** The runtimes beside that of the tests, by their package in npm. */
const VERSIONS = {
  /** The newest release of Node.js with long-term support. */
  node: "24.21.0",
  bun: "1.4.5",
};

const found = new Map<string, string>();

/** Returns the path of a runtime's program. npm fetches it once per machine. */
export function runtime(name: keyof typeof VERSIONS): string {
  const version = VERSIONS[name];
  const known = found.get(name);
  if (known !== undefined) return known;
  const options = ["exec", "--yes", `--package=${name}@${version}`, "--"];
  const path = execFileSync("npm", [...options, name, "--print", "process.execPath"], { encoding: "utf8" }).trim();
  const printed = execFileSync(path, ["--version"], { encoding: "utf8" }).trim();
  if (printed.replace("v", "") !== version) throw new Error(`npm fetched ${name} ${printed} instead of ${version}`);
  found.set(name, path);
  return path;
}
