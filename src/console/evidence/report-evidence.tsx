import type { Client } from "@connectrpc/connect";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { ModerationService, ReportRecord } from "../../../gen/satoshigle/internal/v1/moderation_pb.js";
import { OperatorRole } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import { useMay, useOperator } from "../operator/operator.js";
import { useAction } from "../parts/use-action.js";
import { type HeldKey, useKey } from "./key.js";
import { KeyDialog } from "./key-dialog.js";
import { OpenedEvidence } from "./opened-evidence.js";
import { fetchSealed, type OpenEvidence, type Sealed, unseal } from "./unseal.js";

interface Props {
  moderation: Client<typeof ModerationService>;
  report: ReportRecord;
}

/** The evidence of a report, for those who may open it. */
export function ReportEvidence(props: Props) {
  const [isModerator, { name }] = [useMay(OperatorRole.MODERATOR), useOperator()];
  if (!isModerator || name === "") return <p class="soft">with evidence, which moderators with a name can open</p>;
  if (!isSecureContext) {
    return <p class="soft">with evidence, which can be opened over HTTPS or on localhost only</p>;
  }
  return <Evidence {...props} />;
}

/** Evidence is fetched once, so that the audit log has one entry also if another key is tried. */
function Evidence({ moderation, report }: Props) {
  const note = useId();
  const { key, hold } = useKey();
  const sealed = useRef<Sealed | undefined>(undefined);
  const [isAsked, setAsked] = useState(false);
  const { opened, show, close } = useOpened(key);
  const signal = useLeaving();
  const { run, isRunning, problem } = useAction(async (held: HeldKey) => {
    sealed.current ??= await fetchSealed(moderation, report.reportId, signal);
    show(held, await unseal(sealed.current, held, report));
  });
  const closed = () => {
    sealed.current = undefined;
    close();
  };
  if (opened) return <OpenedEvidence evidence={opened} onClose={closed} />;
  return (
    <>
      {problem !== "" && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="buttons evidence-acts">
        <button
          type="button"
          class="main"
          aria-label={`Open evidence of report ${report.reportId}`}
          aria-describedby={note}
          aria-disabled={isRunning}
          onClick={() => (key ? run(key) : setAsked(true))}
        >
          {isRunning ? "Opening…" : "Open evidence"}
        </button>
        {key && problem !== "" && (
          <button type="button" onClick={() => setAsked(true)}>
            Use another key
          </button>
        )}
        <span class="soft" id={note}>
          Opening is written to the audit log.
        </span>
      </div>
      {isAsked && (
        <KeyDialog
          onClose={() => setAsked(false)}
          onKey={(held) => {
            setAsked(false);
            hold(held);
            run(held);
          }}
        />
      )}
    </>
  );
}

/** Evidence is shown as long as this tab holds the key that opened it. */
function useOpened(key: HeldKey | undefined) {
  const [shown, setShown] = useState<{ by: HeldKey; evidence: OpenEvidence }>();
  useEffect(() => setShown((before) => (before?.by === key ? before : undefined)), [key]);
  return {
    opened: shown?.by === key ? shown?.evidence : undefined,
    show: (by: HeldKey, evidence: OpenEvidence) => setShown({ by, evidence }),
    close: () => setShown(undefined),
  };
}

/** Ends calls when the view is left. */
function useLeaving(): AbortSignal {
  const [leaving] = useState(() => new AbortController());
  useEffect(
    () => () => {
      leaving.abort();
    },
    [leaving],
  );
  return leaving.signal;
}
