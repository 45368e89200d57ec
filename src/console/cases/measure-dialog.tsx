import { useState } from "preact/hooks";
import type { CaseRecord } from "../../../gen/satoshigle/internal/v1/case_pb.js";
import { type Measure, MEASURES } from "../actions/measures.js";
import { BanFields, readTerms } from "../bans/ban-fields.js";
import { kindOf } from "../bans/describe.js";
import type { Clients } from "../clients.js";
import { Dialog } from "../parts/dialog.js";
import { newRequestId } from "../parts/request-id.js";
import { reasonOf } from "../parts/sentence.js";
import { useAction } from "../parts/use-action.js";
import { aboutOf } from "./describe.js";

type Props = Pick<Clients, "moderation" | "actions"> & {
  record: CaseRecord;
  initial: Measure;
  onClose: () => void;
  onDone: (text: string) => void;
};

/** Takes a measure against whom a case is about, and ends the case with it unless told otherwise. */
export function MeasureDialog({ moderation, actions, record, initial, onClose, onDone }: Props) {
  const { caseId, reportedKey } = record;
  const [measure, setMeasure] = useState(initial);
  const [requestId] = useState(newRequestId);
  const [mayForce, setMayForce] = useState(false);
  const { run, isRunning, problem } = useAction(async (data: FormData) => {
    const { reason, ...told } = readTerms(data);
    const terms = { addressKey: reportedKey, reason, ...told, force: data.has("force") };
    try {
      if (measure.kind === undefined) await moderation.ban(terms);
      else await actions.takeAction({ ...terms, kind: measure.kind, requestId });
    } catch (error) {
      setMayForce(reasonOf(error) === "NETWORK_CROWDED");
      throw error;
    }
    const taken = `${measure.title}: in force for ${aboutOf(record)}.`;
    const isLast = data.has("resolve");
    if (isLast) await moderation.resolveCase({ caseId, outcome: measure.outcome, resolution: reason });
    onDone(isLast ? `${taken} The case is resolved.` : taken);
  });
  const allowed = MEASURES.filter(({ name: one }) => one !== "warn" || kindOf(reportedKey) !== "network");
  return (
    <Dialog title="Take a measure" onClose={onClose}>
      <p>
        About <bdi>{aboutOf(record)}</bdi>
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(new FormData(event.currentTarget));
        }}
      >
        <fieldset class="choices measures">
          <legend>Measure, the mildest first</legend>
          {allowed.map((one) => (
            <label key={one.name}>
              <input type="radio" name="measure" checked={one === measure} onChange={() => setMeasure(one)} />
              <span>
                {one.title}
                <small>{one.note}</small>
              </span>
            </label>
          ))}
        </fieldset>
        <div class="fields">
          {measure.kind === undefined ? <BanFields /> : <BanFields reader="person" maxStatement={250} />}
        </div>
        <p class="choices">
          <label>
            <input type="checkbox" name="resolve" defaultChecked /> Resolve the case with it
          </label>
          {mayForce && (
            <label>
              <input type="checkbox" name="force" /> Also hit everybody else on this network
            </label>
          )}
        </p>
        {problem !== "" && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={measure.kind === undefined ? "grave" : "main"} aria-disabled={isRunning}>
            {measure.title}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
