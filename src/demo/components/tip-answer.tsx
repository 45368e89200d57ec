import { useState } from "preact/hooks";
import type { SatoshigleClient, Tip } from "@satoshigle/client";
import { readPasted } from "../pasted.js";
import { say } from "../say.js";
import { describeTip, explainTipError, explainTipProblem } from "../tip-words.js";
import type { Tipping } from "../use-tips.js";
import { sats } from "../words.js";
import { Icon } from "./icon.js";

interface Props {
  client: SatoshigleClient;
  tip: Tip;
  tipping: Pick<Tipping, "answers" | "choose">;
}

/** Asks the user for an invoice, or an address that gives one, when no wallet has answered the partner's tip. */
export function TipAnswer({ client, tip, tipping }: Props) {
  const [pasted, setPasted] = useState("");
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const shown = problem ?? explainTipProblem(tip);

  async function act(step: () => Promise<void>): Promise<void> {
    setBusy(true);
    setProblem(undefined);
    await step().catch((error: unknown) => setProblem(explainTipError(error)));
    setBusy(false);
  }

  /** An address becomes the wallet of this visit, which then answers this tip and the next ones. */
  async function accept(): Promise<void> {
    const answer = await readPasted(pasted, tip.amountMsat);
    if ("problem" in answer) setProblem(answer.problem);
    else if ("invoice" in answer) await client.acceptTip(tip.id, answer.invoice);
    else tipping.choose({ kind: "address", address: answer.address }, false);
  }

  return (
    <form
      class="notice notice-question tip-card"
      data-testid="tip-answer"
      onSubmit={(event) => {
        event.preventDefault();
        void act(accept);
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
        placeholder={say("tip.answer.example")}
        value={pasted}
        onInput={(event) => setPasted(event.currentTarget.value)}
      />
      {shown && (
        <p class="form-problem" role="alert">
          {shown}
        </p>
      )}
      <div class="notice-remedies">
        <button type="submit" class="button button-strong" data-testid="tip-accept" disabled={busy || !pasted.trim()}>
          {say("tip.answer.accept")}
        </button>
        {tipping.answers && (
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
