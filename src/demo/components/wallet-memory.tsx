import { say } from "../say.js";

interface Props {
  keep: boolean;
  onChange: (keep: boolean) => void;
}

/** Whether the browser remembers the wallet. */
export function WalletMemory({ keep, onChange }: Props) {
  return (
    <label class="reason">
      <input type="checkbox" checked={keep} onChange={(event) => onChange(event.currentTarget.checked)} />
      {say("wallet.remember")}
    </label>
  );
}
