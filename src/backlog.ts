import { readFileSync } from "node:fs";

/**
 * How many connections the system completes before the process accepts them: those of a crowd that comes at once, as
 * after the crash of another instance. Further ones are dropped, and their clients try again after a second or more.
 */
export const BACKLOG = 4_096;

/** Warns if Linux allows a smaller backlog. Says nothing on systems that have no such file. */
export function backlogLimit(file = "/proc/sys/net/core/somaxconn"): string[] {
  const allowed = allowedIn(file);
  if (allowed === undefined || allowed >= BACKLOG) return [];
  return [
    `this system lets ${String(allowed)} new connections wait, and the server asks for ${String(BACKLOG)}: when many ` +
      `clients come at once, some try again a second later; set it with: sysctl net.core.somaxconn=${String(BACKLOG)}`,
  ];
}

function allowedIn(file: string): number | undefined {
  try {
    const allowed = Number.parseInt(readFileSync(file, "utf8"), 10);
    return Number.isNaN(allowed) ? undefined : allowed;
  } catch {
    return undefined;
  }
}
