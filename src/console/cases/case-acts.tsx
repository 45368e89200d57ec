import { type CaseRecord, CaseState as State } from "../../../gen/satoshigle/internal/v1/case_pb.js";
import { type Measure, MEASURES } from "../actions/measures.js";
import type { Rights } from "./case-page.js";

interface Props {
  rights: Rights;
  record: CaseRecord;
  onAct: (act: "claim" | "release") => void;
  onAsk: (asked: { kind: "resolve" } | { kind: "measure"; measure: Measure }) => void;
}

/** What can be done with a case; what cannot be done now is said. */
export function CaseActs({ rights: { isModerator, isMine, mayClaim }, record, onAct, onAsk }: Props) {
  return (
    <section class="panel acts" aria-label="What to do">
      {isMine ? (
        <>
          <div class="buttons" role="group" aria-label="Measures, the mildest first">
            {MEASURES.map((measure) => (
              <button
                key={measure.name}
                type="button"
                class={measure.kind === undefined ? "grave" : undefined}
                onClick={() => onAsk({ kind: "measure", measure })}
              >
                {measure.title}
              </button>
            ))}
          </div>
          <div class="buttons" role="group" aria-label="The case">
            <button type="button" class="main" onClick={() => onAsk({ kind: "resolve" })}>
              Resolve
            </button>
            <button type="button" onClick={() => onAct("release")}>
              Release
            </button>
            <button type="button" onClick={() => onAct("claim")}>
              15 more minutes
            </button>
          </div>
        </>
      ) : (
        <>
          <p class="soft">{hintFor(isModerator, record)}</p>
          {mayClaim && (
            <div class="buttons">
              <button type="button" class="main" onClick={() => onAct("claim")}>
                Claim
              </button>
            </div>
          )}
        </>
      )}
    </section>
  );
}

function hintFor(isModerator: boolean, { state, moderator }: CaseRecord): string {
  if (state === State.RESOLVED) return "This case is resolved. A later report opens another one.";
  if (state === State.IN_REVIEW) return `${moderator} reviews this case.`;
  return isModerator ? "Claim the case to act on it." : "Moderators with a name can work on cases.";
}
