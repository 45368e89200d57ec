/**
 * The wallet reported a problem after which the payment may still complete. Its message is the wallet's own, and is shown
 * to the payer if it is a sentence.
 */
export class PaymentUnclear extends Error {
  override readonly name = "PaymentUnclear";
}
