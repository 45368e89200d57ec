import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";

const root = new URL("../..", import.meta.url);

/** The concatenated bash blocks of a page or of one of its sections. */
export async function bashBlocks(page: string, heading?: string): Promise<string> {
  const text = await readFile(new URL(page, root), "utf8");
  const section = heading === undefined ? text : text.split(/^(?=#+ )/m).find((one) => one.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`${page} has no section "${heading ?? ""}"`);
  const blocks = [...section.matchAll(/^```bash\n(.*?)^```$/gms)].map(([, code]) => code);
  if (blocks.length === 0) throw new Error(`${page} has no commands`);
  return blocks.join("");
}

/** How to start each shell so that it reads commands from a terminal, like pasted ones. */
const shells = { bash: "bash --norc --noediting -i", zsh: "zsh -f -i +Z -o NO_PROMPT_SP" };
export type Shell = keyof typeof shells;

/** Timeout of a shell, in milliseconds, as an unclosed quote makes it wait for more. */
const PATIENCE_MS = 240_000;

/** Runs an installed tool as npx does, without npm, which takes longer to find the tool than most commands to run. */
const QUICK_NPX = 'npx() { node_modules/.bin/"$@"; }';

interface PasteOptions {
  env?: Record<string, string>;
  /** Whether npx itself runs the tools. */
  withNpm?: boolean;
}

/**
 * Pastes commands into a shell on a pseudo-terminal.
 * @returns the output of the commands
 * @throws Error if one of them fails
 */
export async function paste(shell: Shell, commands: string, { env, withNpm }: PasteOptions = {}): Promise<string> {
  const start = `stty -echo; export PS1= PS2=; echo ready; ${shells[shell]}`;
  const npx = withNpm === true ? ":" : QUICK_NPX;
  const options = { cwd: root, env: { ...process.env, ...env }, timeout: PATIENCE_MS };
  const child = spawn("script", ["-qec", start, "/dev/null"], options);
  let output = "";
  child.stdout.on("data", (chunk) => {
    // Before that, the terminal would echo its input.
    if (output === "") child.stdin.end(`PS1= PS2=; ${npx}; set -euo pipefail\n${commands}\nexit 0\n`);
    output += String(chunk);
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`${shell} ended with ${String(code)}:\n${output}`);
  return output.replaceAll("\r\n", "\n").replace(/^ready\n/, "");
}
