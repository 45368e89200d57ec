import { useEffect, useState } from "preact/hooks";
import { isBlank, SatoshigleError } from "@satoshigle/client";
import { appeal, type Ban } from "@satoshigle/client/appeals";
import { explainError } from "../problems.js";
import { say, sayCount } from "../say.js";
import { serverUrl } from "../server-url.js";
import { Dialog } from "./dialog.js";
import { Icon } from "./icon.js";

const MAX_CHARACTERS = 1_000;

interface Props {
  ban: Ban;
  open: boolean;
  onClose: () => void;
  /** The server has an appeal against the ban. */
  onAppealed: () => void;
}

/** Asks the moderators to reverse a ban. */
export function AppealDialog({ ban, open, onClose, onAppealed }: Props) {
  /** What was written stays when the dialog is closed. */
  const [text, setText] = useState("");
  const [step, setStep] = useState<"writing" | "sending" | "sent">("writing");
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    setStep("writing");
    setProblem(null);
  }, [ban.banId, open]);

  async function send(): Promise<void> {
    if (step === "sending" || isBlank(text)) return;
    setStep("sending");
    setProblem(null);
    try {
      await appeal(serverUrl(), ban, text.trim());
      setStep("sent");
      onAppealed();
    } catch (error) {
      setStep("writing");
      setProblem(explainUnsent(error));
      if (error instanceof SatoshigleError && error.code === "appeal_exists") onAppealed();
    }
  }

  return (
    <Dialog title={say("ban.title")} open={open} onClose={onClose} testId="appeal-dialog">
      {step === "sent" ? (
        <Sent onClose={onClose} />
      ) : (
        <Form text={text} sending={step === "sending"} problem={problem} onText={setText} onSend={() => void send()} />
      )}
    </Dialog>
  );
}

interface FormProps {
  text: string;
  sending: boolean;
  problem: string | null;
  onText: (text: string) => void;
  onSend: () => void;
}

function Form({ text, sending, problem, onText, onSend }: FormProps) {
  return (
    <form
      class="report-form"
      onSubmit={(event) => {
        event.preventDefault();
        onSend();
      }}
    >
      <label class="label" for="appeal-text">
        {say("ban.why")}
      </label>
      <textarea
        id="appeal-text"
        class="field"
        dir="auto"
        data-testid="appeal-text"
        aria-describedby="appeal-left"
        rows={5}
        required
        readOnly={sending}
        maxLength={MAX_CHARACTERS}
        value={text}
        onInput={(event) => onText(event.currentTarget.value)}
      />
      <p class="help" id="appeal-left" data-testid="appeal-left">
        {sayCount("report.left", MAX_CHARACTERS - Array.from(text).length)}
      </p>
      {problem !== null && (
        <p class="form-problem" role="alert" data-testid="appeal-problem">
          {problem}
        </p>
      )}
      <div class="dialog-actions">
        <p class="help">{say("ban.help")}</p>
        <button
          type="submit"
          class="button button-strong"
          data-testid="appeal-send"
          disabled={isBlank(text)}
          aria-disabled={sending}
        >
          {sending ? say("report.sending") : say("ban.send")}
        </button>
      </div>
    </form>
  );
}

function Sent({ onClose }: { onClose: () => void }) {
  return (
    <div class="report-sent" role="status" data-testid="appeal-sent">
      <p class="report-sent-title">
        <Icon name="check" /> {say("ban.sent")}
      </p>
      <p>{say("ban.later")}</p>
      <button
        type="button"
        class="button button-strong"
        data-testid="appeal-done"
        ref={(element) => element?.focus()}
        onClick={onClose}
      >
        {say("report.done")}
      </button>
    </div>
  );
}

function explainUnsent(cause: unknown): string {
  const error = cause instanceof SatoshigleError ? cause : new SatoshigleError("internal", String(cause));
  if (error.code === "limit_reached") return say("ban.limit");
  const { title, text } = explainError(error, Date.now());
  return say("ban.notSent", { title, text });
}
