import type { Moderator } from "../../core/case.js";
import { DomainError } from "../../core/errors.js";
import type { Role } from "../../core/role.js";
import type { HeaderOf, Operator, Operators, Peer } from "../../ports/operators.js";
import { requireName } from "./read-name.js";
import { readRole } from "./read-role.js";

const NAME_HEADER = "x-satoshigle-moderator";
const ROLE_HEADER = "x-satoshigle-role";

/** Takes operators from the common names of client certificates. What a request claims about its operator is replaced. */
export class CertifiedOperators implements Operators {
  readonly nameThemselves = false;

  constructor(private readonly roles: ReadonlyMap<string, Role>) {}

  admit({ commonName }: Peer): Record<string, string> {
    const role = this.roles.get(commonName ?? "");
    if (commonName !== undefined && role !== undefined) return { [NAME_HEADER]: commonName, [ROLE_HEADER]: role };
    const message = "OPERATORS_CERTIFICATES contains no role for the name in the certificate of the client";
    throw new DomainError("operator_refused", message);
  }

  operatorOf(header: HeaderOf): Operator {
    return { name: this.moderatorOf(header), role: readRole(header, ROLE_HEADER) };
  }

  moderatorOf(header: HeaderOf): Moderator {
    return requireName(header, NAME_HEADER);
  }
}
