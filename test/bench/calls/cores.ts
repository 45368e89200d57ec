import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import type { Closer } from "../redis/closing.js";

/**
 * Keeps this process on one core and gives another one for the server, so that neither takes the other's time or warm
 * caches. Undefined where that cannot be done.
 */
export function placeApart(later: (closer: Closer) => void): number | undefined {
  const cores = allowedCores();
  const [server, own] = cores;
  if (server === undefined || own === undefined || availableParallelism() < 2) return undefined;
  keepTo(String(own));
  later(() => {
    keepTo(cores.join(","));
    return Promise.resolve();
  });
  return server;
}

function keepTo(cores: string): void {
  execFileSync("taskset", ["--all-tasks", "--cpu-list", "--pid", cores, String(process.pid)]);
}

/** The cores this process may use; none when nobody can tell. */
function allowedCores(): number[] {
  try {
    const told = execFileSync("taskset", ["--cpu-list", "--pid", String(process.pid)], { encoding: "utf8" });
    return (told.split(": ").at(-1) ?? "").split(",").flatMap((range) => {
      const [first = NaN, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
  } catch {
    return [];
  }
}
