/** The browser client, which handles WebRTC and the RPCs for the page. */
export { Satoshigle } from "./satoshigle.js";
export { SatoshigleError } from "./errors.js";
export { isBlank } from "./visible.js";
export type * from "./types.js";
export { PaymentFailed, type InvoiceTerms, type Payment, type Wallet } from "./wallets/wallet.js";
