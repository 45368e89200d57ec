import { useState } from "preact/hooks";
import type { SatoshigleClient } from "@satoshigle/client";
import type { Deposit } from "@satoshigle/client/deposits";
import { say } from "../say.js";
import { useDepositPayment, useWalletPayment } from "../use-deposit-payment.js";
import { sats } from "../words.js";
import { Dialog } from "./dialog.js";
import { Icon } from "./icon.js";
import { QrCode } from "./qr-code.js";

interface Props {
  client: SatoshigleClient;
  /** Pays with the connected wallet; undefined without one that pays. */
  payInvoice: ((invoice: string) => Promise<unknown>) | undefined;
  onAdmitted: () => void;
  onClose: () => void;
}

/** Says what the deposit of a newcomer is for, and shows the invoice until it is paid. */
export function DepositDialog({ client, payInvoice, onAdmitted, onClose }: Props) {
  const { deposit, problem, again } = useDepositPayment(client, onAdmitted);
  return (
    <Dialog title={say("deposit.title")} open onClose={onClose} testId="deposit-dialog">
      {deposit !== null && (
        <>
          <p>{say("deposit.what", { amount: sats(deposit.amountSat * 1_000) })}</p>
          <p>{say("deposit.back")}</p>
          <p>{say("deposit.kept")}</p>
        </>
      )}
      {problem !== null ? (
        <>
          <p class="form-problem" role="alert" data-testid="deposit-problem">
            {problem}
          </p>
          <button type="button" class="button button-strong" data-testid="deposit-again" onClick={again}>
            {say("deposit.again")}
          </button>
        </>
      ) : deposit === null || deposit.invoice === "" ? (
        <p role="status">{say("deposit.asking")}</p>
      ) : (
        <Invoice key={deposit.depositId} deposit={deposit} payInvoice={payInvoice} />
      )}
    </Dialog>
  );
}

/** For a wallet on another device, another app on this one, or the wallet of the page. */
function Invoice({ deposit: { invoice, amountSat }, payInvoice }: { deposit: Deposit } & Pick<Props, "payInvoice">) {
  const [copied, setCopied] = useState(false);
  const wallet = useWalletPayment(() => payInvoice?.(invoice) ?? Promise.resolve());
  const copy = () => void navigator.clipboard.writeText(invoice).then(() => setCopied(true));
  return (
    <>
      <div class="tip-scan">
        <QrCode text={`lightning:${invoice}`} label={say("tip.pay.qr", { amount: sats(amountSat * 1_000) })} />
        <div class="tip-scan-words">
          {payInvoice && (
            <button
              type="button"
              class="button button-strong"
              data-testid="deposit-pay"
              disabled={wallet.state === "paying"}
              onClick={wallet.pay}
            >
              {say("tip.pay.wallet")}
            </button>
          )}
          <a class="button" href={`lightning:${invoice}`} data-testid="deposit-open">
            {say("tip.pay.open")}
          </a>
          <button type="button" class="button" data-testid="deposit-copy" onClick={copy}>
            <Icon name={copied ? "check" : "copy"} /> {copied ? say("tip.pay.copied") : say("tip.pay.copy")}
          </button>
        </div>
      </div>
      {wallet.state === "failed" && (
        <p class="form-problem" role="alert" data-testid="deposit-unpaid">
          {say("deposit.unpaid")}
        </p>
      )}
      <p class="help" role="status" data-testid="deposit-waiting">
        {wallet.state === "paying" ? say("deposit.paying") : say("deposit.waiting")}
      </p>
    </>
  );
}
