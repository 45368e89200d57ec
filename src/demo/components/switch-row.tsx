interface Props {
  name: string;
  help: string;
  testId: string;
  on: boolean;
  onChange: (on: boolean) => void;
}

/** A setting that is on or off, with an explanation. */
export function SwitchRow({ name, help, testId, on, onChange }: Props) {
  return (
    <label class="switch-row">
      <span>
        <span class="label">{name}</span>
        <span class="help">{help}</span>
      </span>
      <input
        type="checkbox"
        role="switch"
        class="switch"
        data-testid={testId}
        checked={on}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </label>
  );
}
