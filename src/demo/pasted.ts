import { LightningAddressWallet, recognizePasted } from "@satoshigle/client/wallets";
import { say } from "./say.js";

/** What can be used of a pasted text. `problem`: what it is instead, and what to do. */
export type PastedAnswer = { invoice: string } | { address: string } | { problem: string };

/**
 * Finds the invoice or the address in a pasted text. An address is asked whether it exists.
 * @param amountMsat that an invoice must have; without it, only an address is of use
 */
export async function readPasted(text: string, amountMsat?: number): Promise<PastedAnswer> {
  const pasted = await recognizePasted(text);
  if (pasted.kind === "invoice" && amountMsat !== undefined) {
    return pasted.amountMsat === amountMsat ? { invoice: pasted.invoice } : { problem: say("field.invoice") };
  }
  if (pasted.kind !== "address") return { problem: say(`pasted.${pasted.kind}`) };
  await new LightningAddressWallet(pasted.address).check();
  return { address: pasted.address };
}
