import { fileURLToPath } from "node:url";

/** How to run a script of this folder in a child process, from the build or from source. */
export interface Script {
  path: string;
  /** Options of Node.js. Those of this process are not inherited: they may open a debugger port or set a heap size. */
  execArgv: string[];
  /** Empty, so that neither secrets nor NODE_OPTIONS of this process are inherited. */
  env: Record<string, never>;
}

export function scriptNamed(name: string): Script {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const path = fileURLToPath(new URL(`${name}.${ending}`, import.meta.url));
  return { path, execArgv: ending === "ts" ? ["--import", "tsx"] : [], env: {} };
}
