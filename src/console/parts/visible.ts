/**
 * Characters that are not seen, that change how the text around them is read, such as those that turn its direction, or
 * that look like a single space. A backslash that begins what could be read as one of them is spelled out as well.
 */
const UNSEEN =
  /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u2800]|(?! )\p{Zs}|^ | $|(?<= ) |\\(?=u\{[\da-f]{1,5}\})/gu;

/** Characters that change how the text around them is read, and all that end a line. */
const TURNING = /[\p{Bidi_Control}\p{Cc}\p{Zl}\p{Zp}]/gu;

const spellOut = (one: string) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`;

/** A name that others chose, as it is: what could not be seen is spelled out, so that no subject passes for another one. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, spellOut);
}

/** Makes free text, such as a reason, safe to show in one line. Emoji and spaces are kept. */
export function legible(text: string): string {
  return text.replaceAll(TURNING, spellOut);
}

/** Reverses `visible`, for example for a subject that was copied from a list. */
export function entered(text: string): string {
  return text.replaceAll(/\\u\{([\da-f]{1,5})\}/g, (_, hex: string) => String.fromCodePoint(Number.parseInt(hex, 16)));
}

/** Makes free text of several lines safe to show. */
export function legibleLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => legible(line))
    .join("\n");
}
