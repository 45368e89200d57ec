import { useId, useState } from "preact/hooks";

/** How much of a text the server tells the banned, in bytes. */
const MAX_TOLD_BYTES = 256;

interface Props {
  name: string;
  label: string;
  maxLength: number;
  /** More than one for a text of several lines. */
  rows?: number;
}

/** A field for a text that somebody who is banned reads. Says when not all of it would be told. */
export function ToldField({ name, label, maxLength, rows = 1 }: Props) {
  const [text, setText] = useState("");
  const id = useId();
  const told = toldOf(text);
  const props = {
    ...{ name, maxLength, value: text, autocomplete: "off", "aria-describedby": id },
    onInput: (event: { currentTarget: { value: string } }) => setText(event.currentTarget.value),
  };
  return (
    <div class="wide">
      <label>
        {label}
        {rows > 1 ? <textarea {...props} rows={rows} /> : <input {...props} />}
      </label>
      <small id={id} role="status" class="hint">
        {told !== text && `Only the first ${String(told.length)} characters are told.`}
      </small>
    </div>
  );
}

/** The beginning of a text that the banned are told. */
function toldOf(text: string): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(MAX_TOLD_BYTES));
  return text.slice(0, read);
}
