const KEYS = "it must be public keys of age (age1…), separated by commas";
const NETWORKS = "it must be addresses or networks such as 10.0.0.0/8";
const ROLES = "it must be names and roles (viewer, moderator or admin) such as ann=admin,bob=viewer";
const HEADER = "it must be the name of a header";
const KEY = "age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq";

/** The rows about evidence, challenges, deposits and operators of `mistakes.test.ts`. */
export const moderationValues: [name: string, given: string, explanation: string, shown?: string][] = [
  ["EVIDENCE", "frames", "it must be off, chat or chat_and_frames"],
  ["EVIDENCE_RECIPIENTS", "age1abc", `${KEYS}; begin each with age1 and copy it whole`],
  ["EVIDENCE_RECIPIENTS", KEY.replace("qyqs3", "qyqs4"), `${KEYS}; a key is mistyped: its checksum is wrong`],
  [
    "EVIDENCE_RECIPIENTS",
    "AGE-SECRET-KEY-1QQQ",
    `${KEYS}; this is a private key: write the public one, age1…`,
    "(hidden)",
  ],
  ["CHALLENGE", "on", "it must be off or auto"],
  ["CHALLENGE_AFTER_NETWORK", "many", "it must be a number, 0 to 1000000"],
  ["CHALLENGE_AFTER_ALL", "-1", "it must be a number, 0 to 10000000; write digits only"],
  ["DEPOSIT_SATS", "-1", "it must be a number, 0 to 1000000; write digits only"],
  ["DEPOSIT_WHEN_NODE_AWAY", "wait", "it must be admit or refuse"],
  ["OPERATORS_CERTIFICATES", "ann", ROLES],
  ["OPERATORS_CERTIFICATES", "ann=root", ROLES],
  ["OPERATORS_CERTIFICATES", "ann smith=admin", ROLES],
  ["OPERATORS_CERTIFICATES", "ann=viewer,ann=admin", `${ROLES}; each name has one role`],
  ["OPERATORS_PROXY", "proxy.example.com", NETWORKS],
  ["OPERATORS_NAME_HEADER", "x user", HEADER],
  ["OPERATORS_ROLE_HEADER", "x_role", HEADER],
];

export const moderationContradictions: [environment: Record<string, string>, refusal: string][] = [
  [{ EVIDENCE: "chat" }, "EVIDENCE_RECIPIENTS is required with EVIDENCE=chat: evidence is encrypted for these keys"],
  [{ EVIDENCE_RECIPIENTS: KEY }, "EVIDENCE=chat or chat_and_frames is required with EVIDENCE_RECIPIENTS"],
  [{ DEPOSIT_SATS: "500" }, "LND_URL is required with DEPOSIT_SATS: a Lightning node holds the deposits"],
  [{ OPERATORS_CERTIFICATES: "ann=admin" }, "INTERNAL_TLS_CA_FILE is required with OPERATORS_CERTIFICATES"],
  [
    { OPERATORS_CERTIFICATES: "ann=admin", OPERATORS_PROXY: "10.0.0.1" },
    "OPERATORS_PROXY and OPERATORS_CERTIFICATES exclude each other: operators come from one of them",
  ],
  [{ OPERATORS_NAME_HEADER: "x-user" }, "OPERATORS_PROXY is required with OPERATORS_NAME_HEADER"],
  [
    { OPERATORS_PROXY: "10.0.0.1", OPERATORS_NAME_HEADER: "x-user", OPERATORS_ROLE_HEADER: "X-User" },
    "OPERATORS_NAME_HEADER and OPERATORS_ROLE_HEADER are both x-user: each takes a header of its own",
  ],
];
