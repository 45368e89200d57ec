import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import type { Closer } from "../redis/closing.js";

/**
 * Pins this process to one core and returns another for the server, so that neither takes the other's time or warm
 * caches. Undefined if that is not possible.
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

/** The cores that this process may use; none if unknown. */
function allowedCores(): number[] {
  try {
    const list = execFileSync("taskset", ["--cpu-list", "--pid", String(process.pid)], { encoding: "utf8" });
    return (list.split(": ").at(-1) ?? "").split(",").flatMap((range) => {
      const [first = NaN, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
  } catch {
    return [];
  }
}
