import { readText } from "./files.js";

export interface Instruction {
  keyword: string;
  rest: string;
}

export interface Stage {
  /** Its base image. */
  image: string;
  name: string | undefined;
  instructions: Instruction[];
}

/** The stages of a Dockerfile, in order. */
export function readStages(path: string): Stage[] {
  const text = readText(path)
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll("\\\n", " ");
  const stages: Stage[] = [];
  for (const line of text.split("\n").filter((one) => one.trim() !== "")) {
    const [, keyword = "", rest = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (keyword === "FROM") {
      const [image = "", , name] = rest.split(" ");
      stages.push({ image, name, instructions: [] });
    } else stages.at(-1)?.instructions.push({ keyword, rest });
  }
  return stages;
}

export function allOf({ instructions }: Stage, keyword: string): string[] {
  return instructions.filter((one) => one.keyword === keyword).map(({ rest }) => rest);
}

/** The command of an instruction in exec form. @throws SyntaxError for the shell form */
export function execForm(text = ""): [command: string, ...args: string[]] {
  return JSON.parse(text.slice(text.indexOf("["))) as [string, ...string[]];
}

/** Whether a file is in the build context: the last matching line of `.dockerignore` decides. */
export function reachesBuild(path: string): boolean {
  let isIgnored = false;
  for (const line of readText(".dockerignore").split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const isException = line.startsWith("!");
    if (isMatch(isException ? line.slice(1) : line, path)) isIgnored = !isException;
  }
  return !isIgnored;
}

/** Whether a pattern names a path or a folder above it. */
function isMatch(pattern: string, path: string): boolean {
  const source = pattern
    .replaceAll(".", "\\.")
    .replaceAll("**/", "(.+/)?")
    .replaceAll(/(?<![+)])\*/g, "[^/]*");
  return new RegExp(`^${source}(/|$)`).test(path);
}
