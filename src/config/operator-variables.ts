import { networks, operatorRoles, text } from "./schemas.js";
import type { Variable } from "./variable.js";

const header = {
  schema: text.regex(/^[a-z][a-z0-9-]{0,63}$/i),
  allowed: "the name of a header",
};

/** The variables about those who use the console and the internal services. */
export const operatorVariables = {
  OPERATORS_CERTIFICATES: {
    schema: operatorRoles,
    default: "",
    allowed: "names and roles (viewer, moderator or admin) such as ann=admin,bob=viewer",
    help: "Roles of the callers of the internal listener, by the common name of their client certificate. Other callers are refused. Requires INTERNAL_TLS_CA_FILE",
  },
  OPERATORS_PROXY: {
    schema: networks,
    default: "",
    allowed: "addresses or networks such as 10.0.0.0/8",
    help: "Trusted authenticating proxies, whose headers identify the caller of the internal listener and its role; also loopback, linklocal, uniquelocal. If it and OPERATORS_CERTIFICATES are empty, every caller has the admin role",
  },
  OPERATORS_NAME_HEADER: {
    ...header,
    default: "x-forwarded-user",
    help: "Header in which the proxies in OPERATORS_PROXY name the operator",
  },
  OPERATORS_ROLE_HEADER: {
    ...header,
    default: "x-satoshigle-role",
    help: "Header in which the proxies in OPERATORS_PROXY write the role of the operator: viewer, moderator or admin",
  },
} as const satisfies Record<string, Variable>;
