import { fileURLToPath } from "node:url";

/** What runs a script of this folder in a process of its own, built or as a source. */
export interface Script {
  path: string;
  /** Options of Node.js: none of this process, which may open a debugger's port or size a heap. */
  execArgv: string[];
  /** Nothing of this process: neither its secrets nor its NODE_OPTIONS. */
  env: Record<string, never>;
}

export function scriptNamed(name: string): Script {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const path = fileURLToPath(new URL(`${name}.${ending}`, import.meta.url));
  return { path, execArgv: ending === "ts" ? ["--import", "tsx"] : [], env: {} };
}
