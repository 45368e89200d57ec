import { limits } from "./limits.js";

/** Characters that neither show nor, like a zero-width joiner or a variation selector, change what does. */
const UNSEEN =
  /(?![\u200c\u200d\ufe00-\ufe0f\u{e0020}-\u{e007f}\u{e0100}-\u{e01ef}])\p{Default_Ignorable_Code_Point}/gu;
const BLANK = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\u2800]*$/u;

/**
 * Returns the form that all spellings of a free text share: composed or not, wide or narrow, in any case. May be empty.
 * Some characters expand to many, so the result is cut to the length that an interest may have. Idempotent.
 */
export function fold(text: string): string {
  if (/^[\x21-\x7e]*$/.test(text)) return text.toLowerCase();
  const seen = text.normalize("NFKC").toLowerCase().normalize("NFKC").replace(UNSEEN, "");
  if (BLANK.test(seen)) return "";
  const oneLine = seen.replace(/\p{White_Space}+/gu, " ").trim();
  return Array.from(oneLine).slice(0, limits.interestCharacters).join("").trim();
}
