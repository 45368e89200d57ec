import { useState } from "preact/hooks";
import type { SatoshigleClient, Tip } from "@satoshigle/client";
import { say } from "../say.js";
import { describeTip, explainTipError } from "../tip-words.js";
import { sats } from "../words.js";
import { Icon } from "./icon.js";
import { QrCode } from "./qr-code.js";
import { TipProof } from "./tip-proof.js";

interface Props {
  client: SatoshigleClient;
  tip: Tip;
  pays: boolean;
  onPutAway: () => void;
}

/** An invoice to scan, copy, or pay with a wallet that did not pay it automatically. */
export function TipPayment({ client, tip, pays, onPutAway }: Props) {
  const [problem, setProblem] = useState<string>();
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
      {!paid && <InvoiceToScan tip={tip} onPay={pays && (() => void act(() => client.payTip(tip.id)))} />}
      {problem && (
        <p class="form-problem" role="alert">
          {problem}
        </p>
      )}
      <TipProof onProve={(proof) => act(() => client.confirmTip(tip.id, proof))} />
      <div class="notice-remedies">
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
    </section>
  );
}

/** For a wallet on another device, or another app on this one. */
function InvoiceToScan({ tip, onPay }: { tip: Tip; onPay: false | (() => void) }) {
  const [copied, setCopied] = useState(false);
  const invoice = tip.invoice ?? "";
  const copy = () => void navigator.clipboard.writeText(invoice).then(() => setCopied(true));
  return (
    <div class="tip-scan">
      <QrCode text={`lightning:${invoice}`} label={say("tip.pay.qr", { amount: sats(tip.amountMsat) })} />
      <div class="tip-scan-words">
        <p class="help">{say("tip.pay.scan")}</p>
        <p class="help">{say("tip.pay.closes")}</p>
        <a class="button" href={`lightning:${invoice}`} data-testid="tip-open">
          {say("tip.pay.open")}
        </a>
        <button type="button" class="button" data-testid="tip-copy" onClick={copy}>
          <Icon name={copied ? "check" : "copy"} /> {copied ? say("tip.pay.copied") : say("tip.pay.copy")}
        </button>
        {onPay && (
          <button type="button" class="button" onClick={onPay}>
            {say("tip.pay.wallet")}
          </button>
        )}
      </div>
    </div>
  );
}
