import { DomainError } from "./errors.js";

/** Why an invoice is refused. */
export type InvoiceProblem =
  /** It is no invoice, or breaks the format of BOLT 11. */
  | "malformed"
  | "signature"
  | "network"
  | "amount"
  /** It has no payment secret, so no node may pay it. */
  | "secret"
  /** It requires a feature that BOLT 9 does not know. */
  | "features"
  /** It has neither a description nor a hash of one, or both. */
  | "description"
  /** Its last hop may hold a payment for too many blocks. */
  | "delta"
  | "expired"
  /** It expires too soon or too late, or is dated in the future. */
  | "expiry";

export function refuseInvoice(problem: InvoiceProblem, what: string): never {
  throw new DomainError("field_invalid", `invoice: ${what}`, { field: "invoice", problem });
}
