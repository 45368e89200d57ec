/** White space, characters that fonts do not draw, controls, and the blank of Braille. */
const INVISIBLE = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\u2800]*$/u;

/** Whether nothing of a text can be seen, such as one of zero-width spaces. `say` refuses such a line. */
export function isBlank(text: string): boolean {
  return INVISIBLE.test(text);
}
