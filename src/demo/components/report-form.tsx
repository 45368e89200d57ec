import { useState } from "preact/hooks";
import { type EvidenceChoice, type EvidencePreview, isBlank, type ReportReason } from "@satoshigle/client";
import { say, sayCount } from "../say.js";
import type { Report } from "../use-report.js";
import { Authorities } from "./authorities.js";
import { EvidenceField } from "./evidence-field.js";

const MAX_CHARACTERS = 1_000;

const reasons: readonly ReportReason[] = ["sexual_content", "harassment", "violence", "minor", "spam", "other"];

const NOTHING: EvidenceChoice = { lines: [], frames: [] };

interface Props {
  sending: boolean;
  problem: string | null;
  /** What could be attached; null if nothing. */
  preview: EvidencePreview | null;
  /** How long attachments are kept, in milliseconds. */
  keptMs: number;
  onSend: (report: Report) => Promise<void>;
}

export function ReportForm({ sending, problem, preview, keptMs, onSend }: Props) {
  const [reason, setReason] = useState<ReportReason | null>(null);
  const [comment, setComment] = useState("");
  const [chosen, setChosen] = useState(NOTHING);
  /** To store pictures of a child may be a crime. */
  const withoutFrames = reason === "minor";
  const leftCount = MAX_CHARACTERS - Array.from(comment).length;
  return (
    <form
      class="report-form"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason === null) return;
        const choice = withoutFrames ? { ...chosen, frames: [] } : chosen;
        void onSend({ reason, comment: isBlank(comment) ? "" : comment.trim(), choice });
      }}
    >
      <fieldset class="reasons">
        <legend class="label">{say("report.reason")}</legend>
        {reasons.map((id) => (
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
            {say(`report.${id}`)}
          </label>
        ))}
      </fieldset>
      {reason === "minor" && <Authorities />}
      <label class="label" for="report-comment">
        {say("report.comment")} <span class="help">{say("report.optional")}</span>
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
      {leftCount < 200 && <p class="help">{sayCount("report.left", leftCount)}</p>}
      {preview && reason !== null && (
        <EvidenceField
          preview={preview}
          keptMs={keptMs}
          withoutFrames={withoutFrames}
          choice={chosen}
          onChoice={setChosen}
        />
      )}
      {problem && (
        <p class="form-problem" role="alert">
          {problem}
        </p>
      )}
      <div class="dialog-actions">
        <p class="help">{say("report.help")}</p>
        <button
          type="submit"
          class="button button-danger"
          data-testid="report-send"
          disabled={reason === null || sending}
        >
          {sending ? say("report.sending") : say("report.send")}
        </button>
      </div>
    </form>
  );
}
