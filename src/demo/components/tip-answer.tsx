import { useState } from "preact/hooks";
import type { SatoshigleClient, Tip } from "@satoshigle/client";
import { describeTip, sats } from "../words.js";
import { Icon } from "./icon.js";

interface Props {
  client: SatoshigleClient;
  tip: Tip;
  /** Whether there is a wallet. It did not answer automatically. */
  pays: boolean;
}

/** Asks the user for an invoice when no wallet has answered the partner's tip. */
export function TipAnswer({ client, tip, pays }: Props) {
  const [invoice, setInvoice] = useState("");
  const [problem, setProblem] = useState(tip.problem);
  const [busy, setBusy] = useState(false);

  async function act(step: () => Promise<void>): Promise<void> {
    setBusy(true);
    setProblem(undefined);
    await step().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
    setBusy(false);
  }

  return (
    <form
      class="notice notice-question tip-card"
      data-testid="tip-answer"
      onSubmit={(event) => {
        event.preventDefault();
        void act(() => client.acceptTip(tip.id, invoice));
      }}
    >
      <p class="notice-title" role="alert">
        <Icon name="bolt" /> {describeTip(tip)}
      </p>
      <label class="label" for="tip-invoice">
        Your invoice <span class="help">Create one for {sats(tip.amountMsat)} in your wallet and paste it here.</span>
      </label>
      <input
        id="tip-invoice"
        class="field"
        data-testid="tip-invoice"
        autocomplete="off"
        autocapitalize="none"
        spellcheck={false}
        placeholder="lnbc…"
        value={invoice}
        onInput={(event) => setInvoice(event.currentTarget.value)}
      />
      {problem && (
        <p class="form-problem" role="alert">
          {problem}
        </p>
      )}
      <div class="notice-remedies">
        <button type="submit" class="button button-strong" data-testid="tip-accept" disabled={busy || !invoice.trim()}>
          Accept
        </button>
        {pays && (
          <button type="button" class="button" disabled={busy} onClick={() => void act(() => client.acceptTip(tip.id))}>
            Ask my wallet again
          </button>
        )}
        <button
          type="button"
          class="button"
          data-testid="tip-decline"
          disabled={busy}
          onClick={() => void act(() => client.declineTip(tip.id))}
        >
          Decline
        </button>
      </div>
    </form>
  );
}
