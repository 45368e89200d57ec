/** Lightning wallets for tips. An entry of its own, so that pages without tips need no wallet library. */
export { NwcWallet } from "./nwc.js";
export { WebLnWallet } from "./webln.js";
export { PaymentUnclear } from "./payment-unclear.js";
export { PaymentFailed, type InvoiceTerms, type Payment, type Wallet } from "./wallet.js";
