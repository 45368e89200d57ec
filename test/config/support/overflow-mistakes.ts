const REALMS =
  "it must be names of realms, separated by spaces or commas, each with the URL of its Redis if that is another: eu=redis://host:6379";
const AFTER = "it must be 0 for never, or milliseconds, 1000 to 600000";
const EXAMPLE = "write eu, or eu=redis://host:6379 for a realm on another server";
const secret = { REDIS_ENABLED: "true", SESSION_SECRET: "a secret of at least thirty-two characters" };

/** Invalid values of the variables about neighbour realms. */
export const overflowMistakes: [name: string, given: string, explanation: string, shown?: string][] = [
  ["OVERFLOW_AFTER_MS", "999", AFTER],
  ["OVERFLOW_AFTER_MS", "600001", AFTER],
  ["OVERFLOW_AFTER_MS", "10s", `${AFTER}; write 10000`],
  ["OVERFLOW_AFTER_MS", "off", AFTER],
  ["NEIGHBOUR_REALMS", "redis://host:6379", `${REALMS}; ${EXAMPLE}`, "(hidden)"],
  ["NEIGHBOUR_REALMS", "eu!", `${REALMS}; ${EXAMPLE}`],
  ["NEIGHBOUR_REALMS", "eu us eu", `${REALMS}; eu stands there twice`],
  ["NEIGHBOUR_REALMS", "eu, eu=redis://host", `${REALMS}; eu stands there twice`, "(hidden)"],
  ["NEIGHBOUR_REALMS", "eu=http://:hunter2@host", `${REALMS}; begin each URL with redis:// or rediss://`, "(hidden)"],
];

/** Values of them that are valid separately, but not together. */
export const overflowContradictions: [environment: Record<string, string>, refusal: string][] = [
  [{ OVERFLOW_AFTER_MS: "10000" }, "NEIGHBOUR_REALMS is required with OVERFLOW_AFTER_MS"],
  [{ NEIGHBOUR_REALMS: "us" }, "OVERFLOW_AFTER_MS is required with NEIGHBOUR_REALMS"],
  [
    { NEIGHBOUR_REALMS: "us", OVERFLOW_AFTER_MS: "10000" },
    "REDIS_ENABLED=true is required with OVERFLOW_AFTER_MS: realms meet in Redis",
  ],
  [
    { ...secret, NEIGHBOUR_REALMS: "us main=redis://other", OVERFLOW_AFTER_MS: "10000" },
    "NEIGHBOUR_REALMS: main is this realm itself (REALM); realms that meet have different names",
  ],
  [
    { ...secret, NEIGHBOUR_REALMS: "us=redis://a us=redis://b/2", OVERFLOW_AFTER_MS: "10000" },
    "NEIGHBOUR_REALMS: several URLs of us mean a Cluster, which has database 0 only",
  ],
];
