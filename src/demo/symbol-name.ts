import english from "./catalogue/en.json" with { type: "json" };
import { say } from "./say.js";

/** Translates the English name of a symbol of the safety code. The catalogues have the names in the same order. */
export function symbolName(name: string): string {
  const index = english["safety.symbols"].split("|").indexOf(name);
  return say("safety.symbols").split("|")[index] ?? name;
}
