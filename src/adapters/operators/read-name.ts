import type { Moderator } from "../../core/case.js";
import { DomainError } from "../../core/errors.js";
import type { HeaderOf } from "../../ports/operators.js";

/**
 * Reads the name of an operator; undefined if the header is missing or empty.
 * @throws DomainError `field_invalid`
 */
export function readName(header: HeaderOf, field: string): Moderator | undefined {
  const name = header(field) ?? "";
  if (name === "") return undefined;
  if (/^[A-Za-z0-9._@-]{1,64}$/.test(name)) return name as Moderator;
  const message = `${field}: must have 1 to 64 characters, which are letters, digits and any of ". _ @ -"`;
  throw new DomainError("field_invalid", message, { field });
}

/** @throws DomainError `moderator_required`, `field_invalid` */
export function requireName(header: HeaderOf, field: string): Moderator {
  const name = readName(header, field);
  if (name !== undefined) return name;
  throw new DomainError("moderator_required", `${field}: this header must name the moderator`, { field });
}
