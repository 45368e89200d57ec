import { useState } from "preact/hooks";
import type { SatoshigleClient, Tip } from "@satoshigle/client";
import { describeTip, sats } from "../words.js";
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
    await step().catch((error: unknown) => setProblem(error instanceof Error ? error.message : String(error)));
  }

  return (
    <section class="notice notice-question tip-card" data-testid="tip-payment" aria-label="Pay your tip">
      <p class="notice-title" role="status">
        <Icon name="bolt" /> {describeTip(tip)}
      </p>
      {!paid && (
        <div class="tip-scan">
          <QrCode text={invoice} label={`Invoice for ${sats(tip.amountMsat)}`} />
          <div class="tip-scan-words">
            <p class="help">Scan this with your wallet, or copy the invoice.</p>
            <button
              type="button"
              class="button"
              data-testid="tip-copy"
              onClick={() => void act(() => navigator.clipboard.writeText(invoice).then(() => setCopied(true)))}
            >
              <Icon name={copied ? "check" : "copy"} /> {copied ? "Copied" : "Copy invoice"}
            </button>
            {pays && (
              <button type="button" class="button" onClick={() => void act(() => client.payTip(tip.id))}>
                Pay with my wallet
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
          Proof of payment <span class="help">Your wallet shows it as the preimage in the payment details.</span>
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
            I have paid
          </button>
          {!paid && (
            <button
              type="button"
              class="button"
              data-testid="tip-cancel"
              onClick={() => void act(() => client.cancelTip(tip.id))}
            >
              Cancel tip
            </button>
          )}
          <button type="button" class="button" onClick={onPutAway}>
            Hide
          </button>
        </div>
      </form>
    </section>
  );
}
