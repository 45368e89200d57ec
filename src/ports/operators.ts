import type { Moderator } from "../core/case.js";

/** Tells which moderator makes a request of the internal listener. */
export interface Operators {
  /**
   * @param header returns a header of the request, and null if it is missing
   * @param otherwise who it is if the request names nobody
   * @throws DomainError `moderator_required` if it names nobody and there is no `otherwise`, or `field_invalid` for a name that is not allowed
   */
  moderatorOf(header: (name: string) => string | null, otherwise?: Moderator): Moderator;
}
