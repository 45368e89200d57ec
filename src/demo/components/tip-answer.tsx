import { useState } from "preact/hooks";
import type { SatoshigleClient, Tip } from "@satoshigle/client";
import { say } from "../say.js";
import { describeTip, explainTipError, explainTipProblem } from "../tip-words.js";
import { sats } from "../words.js";
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
  const [problem, setProblem] = useState(explainTipProblem(tip));
  const [busy, setBusy] = useState(false);

  async function act(step: () => Promise<void>): Promise<void> {
    setBusy(true);
    setProblem("");
    await step().catch((error: unknown) => setProblem(explainTipError(error)));
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
        {say("tip.answer.invoice")} <span class="help">{say("tip.answer.help", { amount: sats(tip.amountMsat) })}</span>
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
          {say("tip.answer.accept")}
        </button>
        {pays && (
          <button type="button" class="button" disabled={busy} onClick={() => void act(() => client.acceptTip(tip.id))}>
            {say("tip.answer.askWallet")}
          </button>
        )}
        <button
          type="button"
          class="button"
          data-testid="tip-decline"
          disabled={busy}
          onClick={() => void act(() => client.declineTip(tip.id))}
        >
          {say("tip.answer.decline")}
        </button>
      </div>
    </form>
  );
}
