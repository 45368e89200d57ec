const KEYS = "it must be a file with a JSON Web Key Set, or its https: URL (http: on this machine)";

/** The rows about identity of `mistakes.test.ts`. */
export const identityValues: [name: string, given: string, explanation: string, shown?: string][] = [
  [
    "IDENTITY_SECRET",
    "too short",
    "it must be 32 characters or more, the same as in the app; it has 9; `openssl rand -hex 32` makes one",
    "(hidden)",
  ],
  ["IDENTITY_JWKS", "http://app.example.com/jwks.json", `${KEYS}; begin it with https://`],
  ["IDENTITY_JWKS", "ftp://app.example.com/jwks.json", KEYS],
  ["IDENTITY_JWKS", "https://", KEYS],
  [
    "IDENTITY_JWKS",
    "https://me:hunter2@app.example.com/jwks.json",
    `${KEYS}; public keys need no user and no password`,
    "(hidden)@app.example.com/jwks.json",
  ],
  ["IDENTITY_REQUIRED", "yes", "it must be true or false; write true"],
  ["SESSIONS_PER_PERSON", "0", "it must be a number, 1 to 100"],
  ["SESSIONS_PER_PERSON", "all", "it must be a number, 1 to 100"],
  ["SESSIONS_PER_PERSON_KEEP", "Oldest", "it must be newest or oldest; write oldest"],
  ["SESSIONS_PER_PERSON_KEEP", "both", "it must be newest or oldest"],
];

export const identityContradictions: [environment: Record<string, string>, refusal: string][] = [
  [
    {
      IDENTITY_SECRET: "a secret of at least thirty-two characters",
      IDENTITY_JWKS: "https://app.example.com/jwks.json",
    },
    "IDENTITY_SECRET and IDENTITY_JWKS exclude each other: tokens are verified with one of them",
  ],
  [{ IDENTITY_ISSUER: "https://app.example.com" }, "IDENTITY_SECRET or IDENTITY_JWKS is required with IDENTITY_ISSUER"],
  [{ IDENTITY_AUDIENCE: "calls" }, "IDENTITY_SECRET or IDENTITY_JWKS is required with IDENTITY_AUDIENCE"],
  [{ IDENTITY_REQUIRED: "true" }, "IDENTITY_SECRET or IDENTITY_JWKS is required with IDENTITY_REQUIRED"],
  [{ SESSIONS_PER_PERSON: "2" }, "IDENTITY_SECRET or IDENTITY_JWKS is required with SESSIONS_PER_PERSON"],
  [
    { SESSIONS_PER_PERSON_KEEP: "oldest" },
    "IDENTITY_SECRET or IDENTITY_JWKS is required with SESSIONS_PER_PERSON_KEEP",
  ],
];
