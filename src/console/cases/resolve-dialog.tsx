import type { Client } from "@connectrpc/connect";
import type { ModerationService } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { Dialog } from "../parts/dialog.js";
import { textIn } from "../parts/subject-or-key.js";
import { EntryError, useAction } from "../parts/use-action.js";
import { OUTCOMES } from "./describe.js";

interface Props {
  moderation: Client<typeof ModerationService>;
  caseId: string;
  onClose: () => void;
  onDone: (text: string) => void;
}

/** Ends a case, without a measure. */
export function ResolveDialog({ moderation, caseId, onClose, onDone }: Props) {
  const { run, isRunning, problem } = useAction(async (data: FormData) => {
    const chosen = OUTCOMES.find(({ outcome }) => String(outcome) === textIn(data, "outcome"));
    if (!chosen) throw new EntryError("Choose how the case ended.");
    await moderation.resolveCase({ caseId, outcome: chosen.outcome, resolution: textIn(data, "resolution") });
    onDone(`The case is resolved: ${chosen.title.toLowerCase()}.`);
  });
  return (
    <Dialog title="Resolve the case" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(new FormData(event.currentTarget));
        }}
      >
        <fieldset class="choices">
          <legend>Outcome. It is a record, and takes no measure.</legend>
          {OUTCOMES.map(({ outcome, title, note }, index) => (
            <label key={outcome}>
              <input type="radio" name="outcome" value={outcome} defaultChecked={index === 0} />
              <span>
                {title}
                <small>{note}</small>
              </span>
            </label>
          ))}
        </fieldset>
        <div class="fields">
          <label class="wide">
            Why
            <input name="resolution" maxLength={500} autocomplete="off" />
          </label>
        </div>
        {problem !== "" && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="main" aria-disabled={isRunning}>
            Resolve
          </button>
        </div>
      </form>
    </Dialog>
  );
}
