import { loadModule } from "../load-module.js";
import type { NwcWish } from "./nwc-authorization.js";
import type { Pasted } from "./recognize.js";

/** Says what a text is that a person pasted into a field for an invoice or a wallet. */
export async function recognizePasted(text: string): Promise<Pasted> {
  const { recognize } = await loadModule("pasted text", () => import("./recognize.js"));
  return recognize(text);
}

/**
 * Connects a wallet with Nostr Wallet Connect by its own page, in which the person agrees. Returns the connection string.
 * Browsers open the window soon after a click only: call `loadNwc` before.
 */
export async function authorizeNwc(wish: NwcWish): Promise<string> {
  const { authorizeNwc: authorize } = await loadModule("connecting", () => import("./nwc-authorization.js"));
  return authorize(wish);
}
