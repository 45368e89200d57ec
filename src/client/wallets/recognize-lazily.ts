import { loadModule } from "../load-module.js";
import type { Pasted } from "./recognize.js";

/** Says what a text is that a person pasted into a field for an invoice or a wallet. */
export async function recognizePasted(text: string): Promise<Pasted> {
  const { recognize } = await loadModule("pasted text", () => import("./recognize.js"));
  return recognize(text);
}
