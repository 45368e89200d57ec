import { useState } from "preact/hooks";
import type { SatoshigleClient, Tip } from "@satoshigle/client";
import { say } from "../say.js";
import { describeTip, explainTipError } from "../tip-words.js";
import { sats } from "../words.js";
import { Icon } from "./icon.js";
import { QrCode } from "./qr-code.js";

interface Props {
  client: SatoshigleClient;
  tip: Tip;
  pays: boolean;
  onPutAway: () => void;
}

/** An invoice to scan, copy, or pay with a wallet that did not pay it automatically. */
export function TipPayment({ client, tip, pays, onPutAway }: Props) {
  const [proof, setProof] = useState("");
  const [problem, setProblem] = useState<string>();
  const [copied, setCopied] = useState(false);
  const invoice = tip.invoice ?? "";
  const paid = tip.state === "paying";

  async function act(step: () => Promise<void>): Promise<void> {
    setProblem(undefined);
    await step().catch((error: unknown) => setProblem(explainTipError(error)));
  }

  /** A payment whose outcome is unknown stays hidden after a reload, too. */
  async function putAway(): Promise<void> {
    if (paid) await client.putAwayTip(tip.id);
    else onPutAway();
  }

  return (
    <section class="notice notice-question tip-card" data-testid="tip-payment" aria-label={say("tip.pay.label")}>
      <p class="notice-title" role="status">
        <Icon name="bolt" /> {describeTip(tip)}
      </p>
      {!paid && (
        <div class="tip-scan">
          <QrCode text={invoice} label={say("tip.pay.qr", { amount: sats(tip.amountMsat) })} />
          <div class="tip-scan-words">
            <p class="help">{say("tip.pay.scan")}</p>
            <button
              type="button"
              class="button"
              data-testid="tip-copy"
              onClick={() => void act(() => navigator.clipboard.writeText(invoice).then(() => setCopied(true)))}
            >
              <Icon name={copied ? "check" : "copy"} /> {copied ? say("tip.pay.copied") : say("tip.pay.copy")}
            </button>
            {pays && (
              <button type="button" class="button" onClick={() => void act(() => client.payTip(tip.id))}>
                {say("tip.pay.wallet")}
              </button>
            )}
          </div>
        </div>
      )}
      <form
        class="tip-proof"
        onSubmit={(event) => {
          event.preventDefault();
          void act(() => client.confirmTip(tip.id, proof));
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
        {problem && (
          <p class="form-problem" role="alert">
            {problem}
          </p>
        )}
        <div class="notice-remedies">
          <button type="submit" class="button button-strong" data-testid="tip-confirm" disabled={!proof.trim()}>
            {say("tip.pay.paid")}
          </button>
          {!paid && (
            <button
              type="button"
              class="button"
              data-testid="tip-cancel"
              onClick={() => void act(() => client.cancelTip(tip.id))}
            >
              {say("tip.pay.cancel")}
            </button>
          )}
          <button type="button" class="button" data-testid="tip-hide" onClick={() => void act(putAway)}>
            {say("tip.pay.hide")}
          </button>
        </div>
        {paid && <p class="help">{say("tip.pay.hide.help")}</p>}
      </form>
    </section>
  );
}
