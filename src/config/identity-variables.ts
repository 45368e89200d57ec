import { keySource, secret, text } from "./schemas.js";
import { amount, boolean, choice, type Variable } from "./variable.js";

/** The variables about the people of the app. */
export const identityVariables = {
  IDENTITY_SECRET: {
    schema: secret(32),
    default: "",
    allowed: "32 characters or more, the same as in the app",
    help: "Verifies identity tokens that the app signs with HS256",
  },
  IDENTITY_JWKS: {
    schema: keySource,
    default: "",
    allowed: "a file with a JSON Web Key Set, or its https: URL (http: on this machine)",
    help: "Verifies identity tokens with the app's public keys, which are loaded every ten minutes and for a token with an unknown key; while they cannot be loaded, the last ones are used for a day",
  },
  IDENTITY_ISSUER: {
    schema: text,
    default: "",
    allowed: "a text",
    help: "The `iss` that identity tokens must have; any when empty",
  },
  IDENTITY_AUDIENCE: {
    schema: text,
    default: "",
    allowed: "a text",
    help: "The `aud` that identity tokens must have; any when empty. Set it if the app signs other tokens with the same key",
  },
  IDENTITY_REQUIRED: {
    ...boolean,
    default: "false",
    help: "Refuses sessions without an identity token",
  },
  SESSIONS_PER_PERSON: {
    ...amount(1, 100),
    default: "1",
    help: "Sessions of a person with an identity token at a time, in all tabs and on all devices",
  },
  SESSIONS_PER_PERSON_KEEP: {
    ...choice("newest", "oldest"),
    default: "newest",
    help: "Which sessions of a person stay when there are more than SESSIONS_PER_PERSON: with `newest`, a further one closes the oldest; with `oldest`, it is refused",
  },
} as const satisfies Record<string, Variable>;
