import { neighbourRealms } from "./neighbour-realms.js";
import { millisecondsOrNever } from "./schemas.js";
import type { Variable } from "./variable.js";

/** The variables about people who meet those of other realms. */
export const overflowVariables = {
  OVERFLOW_AFTER_MS: {
    schema: millisecondsOrNever(1000, 600_000),
    default: "0",
    allowed: "0 for never, or milliseconds, 1000 to 600000",
    help: "How long a person waits before it may meet somebody of NEIGHBOUR_REALMS; 0 for never",
  },
  NEIGHBOUR_REALMS: {
    schema: neighbourRealms,
    default: "",
    allowed:
      "names of realms, separated by spaces or commas, each with the URL of its Redis if that is another: eu=redis://host:6379",
    help: "Realms whose people may meet those of this one; with one name and several URLs, a realm in another Cluster",
  },
} as const satisfies Record<string, Variable>;
