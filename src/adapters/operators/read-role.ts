import { DomainError } from "../../core/errors.js";
import { type Role, roles } from "../../core/role.js";
import type { HeaderOf } from "../../ports/operators.js";

/**
 * Reads the role of an operator. A header that was sent twice is one text with a comma, which is no role.
 * @throws DomainError `operator_refused`
 */
export function readRole(header: HeaderOf, field: string): Role {
  const given = header(field);
  const role = roles.find((one) => one === given);
  if (role !== undefined) return role;
  throw new DomainError("operator_refused", `${field}: must be viewer, moderator or admin`, { field });
}
