import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { parse } from "yaml";

export const run = promisify(execFile);

export interface Result {
  code: number;
  output: string;
}

/** The exit code and output of a command. */
export async function ending(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Result> {
  const settings = { env: { ...process.env, ...env }, maxBuffer: 1 << 26 };
  try {
    const { stdout, stderr } = await run(command, args, settings);
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, output: stdout + stderr };
  }
}

export function readText(path: string): string {
  return readFileSync(path, "utf8");
}

export function readYaml(path: string): unknown {
  return parse(readText(path));
}

/** The version of the package. */
export function packageVersion(): string {
  return (JSON.parse(readText("package.json")) as { version: string }).version;
}

/** An environment file, as read by Compose and systemd. */
export function readVariables(path: string): Record<string, string> {
  const lines = readText(path).split("\n");
  const entries = lines
    .filter((line) => /^\w+=/.test(line))
    .map((line) => [line.split("=")[0], line.slice(line.indexOf("=") + 1)]);
  return Object.fromEntries(entries) as Record<string, string>;
}
