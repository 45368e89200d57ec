import { entered, visible } from "./visible.js";

/** Somebody, as the API names people and networks: by one of the two, or by neither. */
export interface SubjectOrKey {
  subject: string;
  addressKey: string;
}

interface Props {
  initial?: SubjectOrKey;
  /** What a key may be of, such as `network or person`. */
  keyOf: string;
  isRequired?: boolean;
}

/** Two fields of a form, to be read with `readSubjectOrKey`. */
export function SubjectOrKeyFields({ initial = { subject: "", addressKey: "" }, keyOf, isRequired = false }: Props) {
  const { subject, addressKey } = initial;
  return (
    <>
      <label>
        Who
        <select name="kind">
          <option value="subject">by subject</option>
          <option value="key" selected={addressKey !== ""}>
            by key of a {keyOf}
          </option>
        </select>
      </label>
      <label class="wide">
        Subject or key
        <input
          name="who"
          defaultValue={addressKey === "" ? visible(subject) : addressKey}
          required={isRequired}
          autocomplete="off"
          spellcheck={false}
        />
      </label>
    </>
  );
}

export function readSubjectOrKey(data: FormData): SubjectOrKey {
  const who = textIn(data, "who");
  if (textIn(data, "kind") === "key") return { subject: "", addressKey: who.trim() };
  return { subject: entered(who), addressKey: "" };
}

/** A text of a form; empty if it is not there. */
export function textIn(data: FormData, name: string): string {
  const value = data.get(name);
  return typeof value === "string" ? value : "";
}
