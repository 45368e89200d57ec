import type { Moderator } from "../../core/case.js";
import { DomainError } from "../../core/errors.js";
import type { HeaderOf, Operator, Operators, Peer } from "../../ports/operators.js";
import { requireName } from "./read-name.js";
import { readRole } from "./read-role.js";

export interface ProxySource {
  /** Whether the peer of a connection is an authenticating proxy. */
  isProxy: (address: string) => boolean;
  nameHeader: string;
  roleHeader: string;
}

/** Believes what an authenticating proxy says, which must replace these headers in all that it passes on. */
export class ProxiedOperators implements Operators {
  readonly nameThemselves = false;

  constructor(private readonly source: ProxySource) {}

  admit({ address }: Peer): Record<string, string> {
    if (this.source.isProxy(address)) return {};
    const message = "calls must come through the proxy in OPERATORS_PROXY, and this one does not";
    throw new DomainError("operator_refused", message);
  }

  operatorOf(header: HeaderOf): Operator {
    return { name: this.moderatorOf(header), role: readRole(header, this.source.roleHeader) };
  }

  moderatorOf(header: HeaderOf): Moderator {
    return requireName(header, this.source.nameHeader);
  }
}
