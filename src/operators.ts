import { CertifiedOperators } from "./adapters/operators/certified-operators.js";
import { namedOperators } from "./adapters/operators/named-operators.js";
import { ProxiedOperators } from "./adapters/operators/proxied-operators.js";
import type { Config } from "./config.js";
import { trustOf } from "./http/proxies.js";
import type { Operators } from "./ports/operators.js";

/** Chooses where operators and their roles come from. */
export function openOperators(config: Config): Operators {
  const { OPERATORS_CERTIFICATES: roles } = config;
  if (roles.size > 0) return new CertifiedOperators(roles);
  const { OPERATORS_PROXY: proxies, OPERATORS_NAME_HEADER: nameHeader, OPERATORS_ROLE_HEADER: roleHeader } = config;
  if (proxies.length === 0) return namedOperators;
  const isTrusted = trustOf(proxies);
  return new ProxiedOperators({ isProxy: (address) => isTrusted(address, 0), nameHeader, roleHeader });
}
