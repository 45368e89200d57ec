import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "vitest";

/** Kills a Node.js process when it has printed this many lines. Returns the lines that it printed. */
export async function killedAfter(lines: number, args: string[]): Promise<string[]> {
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (chunk) => {
    printed += String(chunk);
    if (printed.split("\n").length > lines) child.kill("SIGKILL");
  });
  const [, signal] = (await once(child, "close")) as [unknown, string];
  expect(signal).toBe("SIGKILL");
  return printed.split("\n").slice(0, -1);
}
