import { useEffect, useState } from "preact/hooks";
import { explainError } from "../problems.js";
import { isBlank, SatoshigleError, type SatoshigleClient, type TipTerms } from "@satoshigle/client";
import { parseSats, usualSats } from "../tips.js";
import type { Tipping } from "../use-tips.js";
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
    <Dialog title="Tip your partner" open={open && terms !== null} onClose={onClose} testId="tip-dialog">
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
      setProblem(error instanceof SatoshigleError ? explainError(error, Date.now()).text : String(error));
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
      <div class="chips" role="group" aria-label="Amount in sats">
        {usualSats.map((one) => (
          <button
            key={one}
            type="button"
            class="chip"
            data-testid={`tip-${String(one)}`}
            aria-pressed={amount === String(one)}
            onClick={() => setAmount(String(one))}
          >
            {new Intl.NumberFormat("en").format(one)}
          </button>
        ))}
        <span class="tip-own">
          <input
            class="field tip-amount"
            data-testid="tip-amount"
            aria-label="Custom amount in sats"
            inputMode="numeric"
            autocomplete="off"
            value={amount}
            onInput={(event) => setAmount(event.currentTarget.value)}
          />
          <span class="tip-unit">sats</span>
        </span>
      </div>
      <input
        class="field"
        dir="auto"
        data-testid="tip-comment"
        aria-label="Message"
        placeholder="Message (optional)"
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
        <p class="help">Tips go from wallet to wallet over Lightning. We never hold the money.</p>
        <button type="submit" class="button button-strong" data-testid="tip-send" disabled={sending}>
          {sending ? "Asking…" : "Tip"}
        </button>
      </div>
    </form>
  );
}
