/**
 * What is attacked: a server that keeps everything in its memory, one that keeps it in Redis, or one that people reach
 * through HAProxy, which it trusts (TRUST_PROXY). Each has a project of its own in `test/vitest.config.ts`.
 */
export type Kind = "memory" | "redis" | "haproxy";

/** The kind that this run of the attacks is against. */
export const kind = kindOf(process.env.ATTACKED ?? "memory");

/** What is expected of the kind that is attacked. Every kind is named, so that what differs between them is in the test. */
export function expected<T>(of: Record<Kind, T>): T {
  return of[kind];
}

function kindOf(text: string): Kind {
  if (text === "memory" || text === "redis" || text === "haproxy") return text;
  throw new Error(`ATTACKED=${text} is not allowed: it must be memory, redis or haproxy`);
}
