import type { Client } from "@connectrpc/connect";
import { useState } from "preact/hooks";
import type { CaseNote } from "../../../gen/satoshigle/internal/v1/case_pb.js";
import type { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { OperatorRole } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import { useMay, useOperator } from "../operator/operator.js";
import { Moment } from "../parts/moment.js";
import { textIn } from "../parts/subject-or-key.js";
import { useAction } from "../parts/use-action.js";
import { legibleLines } from "../parts/visible.js";

interface Props {
  moderation: Client<typeof ModerationService>;
  caseId: string;
  notes: readonly CaseNote[];
  onDone: (text: string) => void;
}

/** The notes of a case, which all moderators may add to. */
export function CaseNotes({ moderation, caseId, notes, onDone }: Props) {
  const [added, setAdded] = useState(0);
  const [mayWrite, { name }] = [useMay(OperatorRole.MODERATOR), useOperator()];
  const { run, isRunning, problem } = useAction(async (text: string) => {
    await moderation.addNote({ caseId, text });
    setAdded((count) => count + 1);
    onDone("The note is added.");
  });
  return (
    <section class="panel" aria-labelledby="notes-title">
      <h2 id="notes-title">Notes</h2>
      {notes.length === 0 && <p class="none">No notes.</p>}
      <ul class="entries">
        {notes.map(({ moderator, text, createTime }, index) => (
          <li key={index}>
            <p>
              <bdi>{moderator}</bdi> <Moment at={createTime} />
            </p>
            <blockquote dir="auto">{legibleLines(text)}</blockquote>
          </li>
        ))}
      </ul>
      {mayWrite && name !== "" && (
        <form
          key={added}
          class="fields"
          onSubmit={(event) => {
            event.preventDefault();
            run(textIn(new FormData(event.currentTarget), "text"));
          }}
        >
          <label class="wide">
            New note
            <textarea id="note" name="text" rows={2} maxLength={1000} required />
          </label>
          <div class="buttons">
            <button type="submit" aria-disabled={isRunning}>
              Add note
            </button>
          </div>
        </form>
      )}
      {problem !== "" && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}
