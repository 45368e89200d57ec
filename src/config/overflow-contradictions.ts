import type { Contradiction } from "./contradictions.js";
import type { Values } from "./variables.js";

/** What is wrong with the variables about neighbour realms. */
export function overflow(config: Values): Contradiction[] {
  const { OVERFLOW_AFTER_MS: afterMs, NEIGHBOUR_REALMS: neighbours, REDIS_ENABLED, REALM } = config;
  const both = ["OVERFLOW_AFTER_MS", "NEIGHBOUR_REALMS"] as const;
  if (afterMs === 0 && neighbours.length === 0) return [];
  if (neighbours.length === 0) {
    return [{ between: both, problem: "NEIGHBOUR_REALMS is required with OVERFLOW_AFTER_MS" }];
  }
  if (afterMs === 0) return [{ between: both, problem: "OVERFLOW_AFTER_MS is required with NEIGHBOUR_REALMS" }];
  if (!REDIS_ENABLED) {
    const problem = "REDIS_ENABLED=true is required with OVERFLOW_AFTER_MS: realms meet in Redis";
    return [{ between: [...both, "REDIS_ENABLED"], problem }];
  }
  if (neighbours.some(({ name }) => name === REALM)) {
    const problem = `NEIGHBOUR_REALMS: ${REALM} is this realm itself (REALM); realms that meet have different names`;
    return [{ between: ["NEIGHBOUR_REALMS", "REALM"], problem }];
  }
  const inCluster = neighbours.find(({ urls }) => urls.length > 1 && urls.some(hasDatabase));
  if (inCluster === undefined) return [];
  const problem = `NEIGHBOUR_REALMS: several URLs of ${inCluster.name} mean a Cluster, which has database 0 only`;
  return [{ between: ["NEIGHBOUR_REALMS"], problem }];
}

function hasDatabase(url: string): boolean {
  return /[1-9]/.test(new URL(url).pathname);
}
