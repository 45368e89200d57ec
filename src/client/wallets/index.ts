/** Lightning wallets for tips. An entry of its own, so that pages without tips need no wallet library. */
export { AddressProblem, type AddressProblemCode } from "./address-problem.js";
export { LightningAddressWallet } from "./lightning-address.js";
export { loadNwc, NwcWallet } from "./nwc.js";
export type { Pasted, UselessKind } from "./recognize.js";
export { authorizeNwc, recognizePasted } from "./lazy-parts.js";
export type { NwcWish } from "./nwc-authorization.js";
export { WebLnWallet } from "./webln.js";
export { PaymentUnclear } from "./payment-unclear.js";
export { PaymentFailed, type InvoiceTerms, type Payment, type Wallet } from "./wallet.js";
