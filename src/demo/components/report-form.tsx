import { useState } from "preact/hooks";
import { isBlank, type ReportReason } from "@satoshigle/client";

const MAX_CHARACTERS = 1_000;

const reasons: readonly { id: ReportReason; name: string }[] = [
  { id: "sexual_content", name: "Nudity or sexual content" },
  { id: "harassment", name: "Harassment, hate or threats" },
  { id: "violence", name: "Violence or self-harm" },
  { id: "minor", name: "Seems to be under 18" },
  { id: "spam", name: "Advertising, scam or recorded video" },
  { id: "other", name: "Something else" },
];

interface Props {
  sending: boolean;
  problem: string | null;
  onSend: (reason: ReportReason, comment: string) => Promise<void>;
}

export function ReportForm({ sending, problem, onSend }: Props) {
  const [reason, setReason] = useState<ReportReason | null>(null);
  const [comment, setComment] = useState("");
  const leftCount = MAX_CHARACTERS - Array.from(comment).length;
  return (
    <form
      class="report-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason !== null) void onSend(reason, isBlank(comment) ? "" : comment.trim());
      }}
    >
      <fieldset class="reasons">
        <legend class="label">What is wrong?</legend>
        {reasons.map(({ id, name }) => (
          <label key={id} class="reason">
            <input
              type="radio"
              name="reason"
              value={id}
              required
              data-testid={`reason-${id}`}
              checked={reason === id}
              onChange={() => setReason(id)}
            />
            {name}
          </label>
        ))}
      </fieldset>
      <label class="label" for="report-comment">
        What happened? <span class="help">Optional</span>
      </label>
      <textarea
        id="report-comment"
        class="field"
        dir="auto"
        data-testid="report-comment"
        rows={3}
        maxLength={MAX_CHARACTERS}
        value={comment}
        onInput={(event) => setComment(event.currentTarget.value)}
      />
      {leftCount < 200 && <p class="help">{leftCount} characters left</p>}
      {problem && (
        <p class="form-problem" role="alert">
          {problem}
        </p>
      )}
      <div class="dialog-actions">
        <p class="help">Reporting ends the call. We do not tell the other person who reported them.</p>
        <button
          type="submit"
          class="button button-danger"
          data-testid="report-send"
          disabled={reason === null || sending}
        >
          {sending ? "Sending…" : "Send report"}
        </button>
      </div>
    </form>
  );
}
