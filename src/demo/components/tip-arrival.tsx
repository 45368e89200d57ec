import { useState } from "preact/hooks";
import type { SatoshigleClient, Tip } from "@satoshigle/client";
import { say } from "../say.js";
import { describeTip, explainTipError } from "../tip-words.js";
import { Icon } from "./icon.js";

/** Asks the payee whether the money is there, when no wallet has said so. */
export function TipArrival({ client, tip, onPutAway }: { client: SatoshigleClient; tip: Tip; onPutAway: () => void }) {
  const [problem, setProblem] = useState<string>();
  const confirm = () => {
    setProblem(undefined);
    client.confirmReceipt(tip.id).catch((error: unknown) => setProblem(explainTipError(error)));
  };
  return (
    <section class="notice notice-question tip-card" data-testid="tip-arrival" aria-label={describeTip(tip)}>
      <p class="notice-title" role="status">
        <Icon name="bolt" /> {describeTip(tip)}
      </p>
      <p class="help">{say("tip.arrival.help")}</p>
      {problem && (
        <p class="form-problem" role="alert">
          {problem}
        </p>
      )}
      <div class="notice-remedies">
        <button type="button" class="button button-strong" data-testid="tip-arrived" onClick={confirm}>
          {say("tip.arrival.confirm")}
        </button>
        <button type="button" class="button" onClick={onPutAway}>
          {say("tip.pay.hide")}
        </button>
      </div>
    </section>
  );
}
