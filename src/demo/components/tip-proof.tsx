import { useState } from "preact/hooks";
import { say } from "../say.js";

/** A proof of payment that the person copies from a wallet. Few wallets show one, and most tips do without. */
export function TipProof({ onProve }: { onProve: (proof: string) => Promise<void> }) {
  const [proof, setProof] = useState("");
  return (
    <details class="tip-proof" data-testid="tip-proof-more">
      <summary>{say("tip.pay.proof.has")}</summary>
      <form
        class="tip-form"
        onSubmit={(event) => {
          event.preventDefault();
          void onProve(proof);
        }}
      >
        <label class="label" for="tip-proof">
          {say("tip.pay.proof")} <span class="help">{say("tip.pay.proof.help")}</span>
        </label>
        <input
          id="tip-proof"
          class="field"
          data-testid="tip-proof"
          autocomplete="off"
          spellcheck={false}
          value={proof}
          onInput={(event) => setProof(event.currentTarget.value)}
        />
        <button type="submit" class="button button-strong" data-testid="tip-confirm" disabled={!proof.trim()}>
          {say("tip.pay.paid")}
        </button>
      </form>
    </details>
  );
}
