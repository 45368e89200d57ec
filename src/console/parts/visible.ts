/** Characters that are not seen, or that change how the text around them is read, such as those that turn its direction. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u3164\uffa0]/gu;

/** A text of others as it is: what could not be seen is spelled out, so that no subject passes for another one. */
export function visible(text: string): string {
  return text.replaceAll(UNSEEN, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`);
}
