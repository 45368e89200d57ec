import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect } from "vitest";

/** Kills a process of Node.js when it has printed so many lines. What it printed until it was gone, by the line. */
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
