import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Closer } from "../redis/closing.js";

/** Cables between network namespaces, with the same delay in each direction. */
export interface Cables {
  /** Loses all packets, without a word to either end. */
  cut(index: number): void;
  join(index: number): void;
  /** Loses this share of the packets. */
  lose(index: number, percent: number): void;
}

/** @param ends of each cable, such as `home:wan=internet:to-home` */
export async function layCables(delayMs: number, ends: string[], later: (closer: Closer) => void): Promise<Cables> {
  const program = join(await mkdtemp(join(tmpdir(), "satoshigle-cable-")), "cable");
  const source = fileURLToPath(new URL("./cable.c", import.meta.url));
  execFileSync("cc", ["-O2", "-Wall", "-o", program, source], { stdio: ["ignore", "inherit", "inherit"] });
  const child = spawn(program, [String(delayMs), ...ends], { stdio: ["pipe", "pipe", "inherit"] });
  later(async () => {
    if (child.exitCode !== null) return;
    child.stdin.end();
    await once(child, "exit");
  });
  const ended = once(child, "exit").then(() => Promise.reject(new Error("the cables could not be laid")));
  await Promise.race([once(child.stdout, "data"), ended]);
  ended.catch(() => undefined); // the bench is over
  const command = (text: string) => child.stdin.write(`${text}\n`);
  return {
    cut: (index) => command(`cut ${String(index)}`),
    join: (index) => command(`join ${String(index)}`),
    lose: (index, percent) => command(`loss ${String(index)} ${String(percent)}`),
  };
}
