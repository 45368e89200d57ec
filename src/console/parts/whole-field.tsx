import { textIn } from "./subject-or-key.js";
import { EntryError } from "./use-action.js";

interface Props {
  name: string;
  label: string;
  min?: number;
  max: number;
  initial?: bigint | number;
}

/** A field for a whole number, to be read with `wholeIn`. */
export function WholeField({ name, label, min = 0, max, initial }: Props) {
  return (
    <label>
      {label}
      <input
        type="number"
        name={name}
        min={min}
        max={max}
        step={1}
        required
        defaultValue={initial === undefined ? undefined : String(initial)}
        autocomplete="off"
      />
    </label>
  );
}

/** @throws EntryError for what is no whole number */
export function wholeIn(data: FormData, name: string): number {
  const number = Number(textIn(data, name));
  if (!Number.isSafeInteger(number)) throw new EntryError("Amounts are whole numbers.");
  return number;
}
