import type { TipProblemCode } from "../tips/types.js";

/** What can be wrong with a lightning address. `address_refused`: the message has the words of its service. */
export type AddressProblemCode = Extract<TipProblemCode, `address_${string}`>;

/** Why a lightning address gave no invoice, in words for people. */
export class AddressProblem extends Error {
  override readonly name = "AddressProblem";

  constructor(
    /** The same as a code, for pages in other languages. */
    readonly tipProblem: AddressProblemCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
