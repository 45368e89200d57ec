import { useEffect, useState } from "preact/hooks";
import { isBlank, type SatoshigleClient, type TipTerms } from "@satoshigle/client";
import { parseSats, usualSats } from "../tips.js";
import type { Tipping } from "../use-tips.js";
import { formatNumber, say } from "../say.js";
import { explainTipError } from "../tip-words.js";
import { Dialog } from "./dialog.js";
import { SatsByTheMinute } from "./sats-by-the-minute.js";
import { WalletField } from "./wallet-field.js";

interface Props {
  open: boolean;
  onClose: () => void;
  client: SatoshigleClient;
  tipping: Tipping;
  inMatch: boolean;
}

/** Tips the partner once, or streams sats. */
export function TipDialog({ open, onClose, client, tipping, inMatch }: Props) {
  const { terms } = tipping;
  useEffect(() => {
    if (open && !inMatch) onClose();
  }, [open, inMatch]);
  return (
    <Dialog title={say("tip.dialog.title")} open={open && terms !== null} onClose={onClose} testId="tip-dialog">
      {terms && <TipForm client={client} terms={terms} onDone={onClose} />}
      {terms && <SatsByTheMinute tipping={tipping} terms={terms} />}
      <WalletField tipping={tipping} />
    </Dialog>
  );
}

function TipForm({ client, terms, onDone }: { client: SatoshigleClient; terms: TipTerms; onDone: () => void }) {
  const [amount, setAmount] = useState("100");
  const [comment, setComment] = useState("");
  const [problem, setProblem] = useState<string>();
  const [sending, setSending] = useState(false);

  async function send(): Promise<void> {
    const parsed = parseSats(amount, terms);
    if ("problem" in parsed) {
      setProblem(parsed.problem);
      return;
    }
    setSending(true);
    setProblem(undefined);
    try {
      await client.tip(parsed.amountMsat, isBlank(comment) ? "" : comment.trim());
      setComment("");
      onDone();
    } catch (error) {
      setProblem(explainTipError(error));
    }
    setSending(false);
  }

  return (
    <form
      class="tip-form"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <div class="chips" role="group" aria-label={say("tip.amount")}>
        {usualSats.map((one) => (
          <button
            key={one}
            type="button"
            class="chip"
            data-testid={`tip-${String(one)}`}
            aria-pressed={amount === String(one)}
            onClick={() => setAmount(String(one))}
          >
            {formatNumber(one)}
          </button>
        ))}
        <span class="tip-own">
          <input
            class="field tip-amount"
            data-testid="tip-amount"
            aria-label={say("tip.amount.own")}
            inputMode="numeric"
            autocomplete="off"
            value={amount}
            onInput={(event) => setAmount(event.currentTarget.value)}
          />
          <span class="tip-unit">{say("sats.unit")}</span>
        </span>
      </div>
      <input
        class="field"
        dir="auto"
        data-testid="tip-comment"
        aria-label={say("tip.message")}
        placeholder={say("tip.message.optional")}
        autocomplete="off"
        maxLength={terms.maxCommentCharacters}
        value={comment}
        onInput={(event) => setComment(event.currentTarget.value)}
      />
      {problem && (
        <p class="form-problem" role="alert">
          {problem}
        </p>
      )}
      <div class="dialog-actions">
        <p class="help">{say("tip.custody")}</p>
        <button type="submit" class="button button-strong" data-testid="tip-send" disabled={sending}>
          {sending ? say("tip.sending") : say("tip.send")}
        </button>
      </div>
    </form>
  );
}
