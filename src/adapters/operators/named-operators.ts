import type { Moderator } from "../../core/case.js";
import { DomainError } from "../../core/errors.js";
import type { Operators } from "../../ports/operators.js";

const HEADER = "x-satoshigle-moderator";

/** Believes the name in a header, as only trusted programs reach the internal listener. */
export const namedOperators: Operators = {
  moderatorOf: (header, otherwise) => {
    const name = header(HEADER);
    if (name === null || name === "") {
      if (otherwise !== undefined) return otherwise;
      throw new DomainError("moderator_required", `${HEADER}: this header must name the moderator`, { field: HEADER });
    }
    if (/^[A-Za-z0-9._@-]{1,64}$/.test(name)) return name as Moderator;
    const message = `${HEADER}: must have 1 to 64 characters, which are letters, digits and any of ". _ @ -"`;
    throw new DomainError("field_invalid", message, { field: HEADER });
  },
};
