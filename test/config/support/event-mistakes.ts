const HOOKS = "it must be https: URLs (http: on this machine), separated by commas";
const HOOK_SECRET =
  "it must be whsec_ and 24 to 64 bytes in Base64; two or more, separated by commas, while one replaces the other; `echo whsec_$(openssl rand -base64 32)` makes one";
const HOOK_TYPES =
  "it must be types, separated by commas: session.opened, session.closed, match.began, match.ended, report.filed, case.opened, case.resolved, ban.created, ban.lifted, appeal.filed, appeal.decided, action.taken, action.lifted, action.acknowledged, tip.settled, tip.received, events.lost";
export const KEY = `whsec_${"A".repeat(32)}`;

/** Invalid values of the variables about the log of events and webhooks. */
export const eventMistakes: [name: string, given: string, explanation: string, shown?: string][] = [
  ["EVENTS_MAX", "1e6", "it must be a number, 0 to 10000000; write digits only"],
  ["EVENTS_RETENTION_MS", "7d", "it must be milliseconds, 60000 to 34560000000; write 604800000"],
  ["EVENTS_RETENTION_MS", "7", "it must be milliseconds, 60000 to 34560000000"],
  ["WEBHOOK_URLS", "app.example.com/hook", `${HOOKS}; begin each with https://`, "(hidden)"],
  ["WEBHOOK_URLS", "http://app.example.com/hook", `${HOOKS}; begin each with https://`, "(hidden)"],
  ["WEBHOOK_URLS", "https://", HOOKS, "(hidden)"],
  ["WEBHOOK_URLS", "https://a:b@x.example", `${HOOKS}; write no user and password: requests are signed`, "(hidden)"],
  ["WEBHOOK_URLS", "https://x.example/#a", `${HOOKS}; a part after # is not sent: remove it`, "(hidden)"],
  ["WEBHOOK_SECRET", "hunter2", HOOK_SECRET, "(hidden)"],
  ["WEBHOOK_SECRET", "whsec_c2hvcnQ=", HOOK_SECRET, "(hidden)"],
  ["WEBHOOK_SECRET", `${KEY}, ${KEY.slice(1)}`, HOOK_SECRET, "(hidden)"],
  ["WEBHOOK_EVENTS", "match.begun", HOOK_TYPES],
  ["WEBHOOK_EVENTS", "match.began, MATCH_ENDED", `${HOOK_TYPES}; write match.ended`],
];

/** Values of them that are valid separately, but not together. */
export const eventContradictions: [environment: Record<string, string>, refusal: string][] = [
  [{ WEBHOOK_SECRET: KEY }, "WEBHOOK_URLS is required with WEBHOOK_SECRET"],
  [{ WEBHOOK_EVENTS: "match.ended" }, "WEBHOOK_URLS is required with WEBHOOK_EVENTS"],
  [
    { WEBHOOK_URLS: "https://app.example.com/hook" },
    "WEBHOOK_SECRET is required with WEBHOOK_URLS: receivers verify signatures with it",
  ],
  [
    { WEBHOOK_URLS: "https://app.example.com/hook", WEBHOOK_SECRET: KEY, EVENTS_MAX: "0" },
    "EVENTS_MAX=0 turns off the log, from which webhooks are sent: remove it, or WEBHOOK_URLS",
  ],
];
