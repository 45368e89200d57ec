/**
 * What is attacked: a server with its state in memory, one with Redis, or one behind HAProxy, which it trusts
 * (TRUST_PROXY). Each is a project in `test/vitest.config.ts`.
 */
export type Kind = "memory" | "redis" | "haproxy";

/** The kind of server that this run attacks. */
export const kind = kindOf(process.env.ATTACKED ?? "memory");

/** The expected value for the attacked kind. All kinds are listed, so that tests show their differences. */
export function expected<T>(of: Record<Kind, T>): T {
  return of[kind];
}

function kindOf(text: string): Kind {
  if (text === "memory" || text === "redis" || text === "haproxy") return text;
  throw new Error(`ATTACKED=${text} is not allowed: it must be memory, redis or haproxy`);
}
