import { webhookTypes } from "../core/webhook.js";
import { webhookSecrets, webhookTypeNames, webhookUrls } from "./schemas.js";
import type { Variable } from "./variable.js";

/** The variables about webhooks. */
export const webhookVariables = {
  WEBHOOK_URLS: {
    schema: webhookUrls,
    default: "",
    allowed: "https: URLs (http: on this machine), separated by commas",
    help: "Where the events of the log are posted, to each in order and at least once, signed as Standard Webhooks describes; retried for as long as the log keeps them",
  },
  WEBHOOK_SECRET: {
    schema: webhookSecrets,
    default: "",
    allowed: "whsec_ and 24 to 64 bytes in Base64; two or more, separated by commas, while one replaces the other",
    help: "Signs webhooks",
  },
  WEBHOOK_EVENTS: {
    schema: webhookTypeNames,
    default: "",
    allowed: `types, separated by commas: ${Object.values(webhookTypes).join(", ")}`,
    help: "Which events are posted; all when empty, and events.lost always",
  },
} as const satisfies Record<string, Variable>;
