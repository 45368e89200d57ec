/** The browser client. A page needs nothing else: no WebRTC, no RPC, no generated code. */
export { Satoshigle } from "./satoshigle.js";
export { SatoshigleError, type ErrorDetails } from "./errors.js";
export type * from "./types.js";
export { PaymentFailed, type InvoiceTerms, type Payment, type Wallet } from "./wallets/wallet.js";
export { NwcWallet } from "./wallets/nwc.js";
export { WebLnWallet } from "./wallets/webln.js";
