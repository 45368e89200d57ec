import { useEffect, useState } from "preact/hooks";
import {
  type CaseRecord,
  CaseState as State,
  type GetCaseResponse,
} from "../../../gen/satoshigle/internal/v1/case_pb.js";
import { OperatorRole } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import type { Clients } from "../clients.js";
import { useMay, useOperator } from "../operator/operator.js";
import { sentenceOf } from "../parts/sentence.js";
import { type Shortcut, Shortcuts } from "../parts/shortcuts.js";
import { useAction } from "../parts/use-action.js";
import { useNotice } from "../parts/use-notice.js";
import { hrefTo } from "../route.js";
import { type Measure, MEASURES } from "../actions/measures.js";
import { MeasureDialog } from "./measure-dialog.js";
import { CaseActs } from "./case-acts.js";
import { CaseHistory } from "./case-history.js";
import { CaseNotes } from "./case-notes.js";
import { CaseReports } from "./case-reports.js";
import { CaseSummary } from "./case-summary.js";
import { ResolveDialog } from "./resolve-dialog.js";
import { useChanges } from "./use-changes.js";

type Props = Pick<Clients, "moderation" | "watching" | "actions"> & { caseId: string };

/** What is open over a case. */
type Asked = { kind: "resolve" } | { kind: "measure"; measure: Measure } | undefined;

/** A case: whom it is about, what was reported, what was done before, and what can be done now. */
export function CasePage(props: Props) {
  const { moderation, watching, actions, caseId } = props;
  const [watchCursor, setWatchCursor] = useState("");
  const { found, problem, reload } = useCase(moderation, caseId, setWatchCursor);
  const changed = useChanges(watching, watchCursor).get(caseId);
  const [asked, setAsked] = useState<Asked>();
  const { notice, say } = useNotice();
  const record = changed ?? found?.record;
  const rights = useRights(record);
  useEffect(() => {
    const known = found?.record;
    const isOld = changed?.noteCount !== known?.noteCount || changed?.reportCount !== known?.reportCount;
    if (changed && isOld) reload();
  }, [changed]);
  const done = (text: string) => {
    setAsked(undefined);
    say(text);
    reload();
  };
  const { run, problem: refusal } = useAction(async (act: "claim" | "release") => {
    if (act === "claim") await moderation.claimCase({ caseId });
    else await moderation.releaseCase({ caseId });
    done(act === "claim" ? "The case is yours for 15 minutes." : "The case is back in the queue.");
  });
  const shortcuts = shortcutsFor(rights, run, setAsked);
  const close = () => setAsked(undefined);
  return (
    <>
      <div class="heading">
        <h1>Case {caseId}</h1>
        <a href={hrefTo("cases")}>The queue</a>
        <Shortcuts shortcuts={shortcuts} />
      </div>
      {(problem || refusal) !== "" && (
        <p class="problem" role="alert">
          {problem || refusal}
        </p>
      )}
      {notice}
      {record && (
        <>
          <CaseSummary record={record} />
          <CaseActs rights={rights} record={record} onAct={run} onAsk={setAsked} />
          <div class="columns">
            <CaseReports moderation={moderation} caseId={caseId} version={record.reportCount} />
            <div>
              <CaseNotes moderation={moderation} caseId={caseId} notes={found?.notes ?? []} onDone={done} />
              <CaseHistory moderation={moderation} actions={actions} record={record} version={found} />
            </div>
          </div>
        </>
      )}
      {record && asked?.kind === "resolve" && (
        <ResolveDialog moderation={moderation} caseId={caseId} onClose={close} onDone={done} />
      )}
      {record && asked?.kind === "measure" && (
        <MeasureDialog {...props} record={record} initial={asked.measure} onClose={close} onDone={done} />
      )}
    </>
  );
}

/** What the operator may do with a case now. */
export interface Rights {
  isModerator: boolean;
  isMine: boolean;
  mayClaim: boolean;
}

function useRights(record: CaseRecord | undefined): Rights {
  const [mayModerate, { name }] = [useMay(OperatorRole.MODERATOR), useOperator()];
  const isModerator = mayModerate && name !== "";
  const isMine = isModerator && record?.state === State.IN_REVIEW && record.moderator === name;
  return { isModerator, isMine, mayClaim: isModerator && (record?.state === State.OPEN || isMine) };
}

function shortcutsFor(
  { isMine, mayClaim }: Rights,
  run: (act: "claim" | "release") => void,
  ask: (asked: Asked) => void,
): Shortcut[] {
  const whenMine = (act: () => void) => () => {
    if (isMine) act();
  };
  return [
    { key: "c", title: "Claim the case", act: () => mayClaim && run("claim") },
    { key: "r", title: "Release it", act: whenMine(() => run("release")) },
    { key: "e", title: "Resolve it", act: whenMine(() => ask({ kind: "resolve" })) },
    ...MEASURES.map((measure) => ({
      ...{ key: measure.shortcut, title: measure.title },
      act: whenMine(() => ask({ kind: "measure", measure })),
    })),
    { key: "n", title: "Write a note", act: () => document.getElementById("note")?.focus() },
    { key: "u", title: "Back to the queue", act: () => (location.hash = hrefTo("cases")) },
  ];
}

function useCase(moderation: Clients["moderation"], caseId: string, onCursor: (cursor: string) => void) {
  const [{ found, problem }, setState] = useState<{ found?: GetCaseResponse; problem: string }>({ problem: "" });
  const [reloads, setReloads] = useState(0);
  useEffect(() => {
    const loading = new AbortController();
    moderation.getCase({ caseId }, { signal: loading.signal }).then(
      (answer) => {
        setState({ found: answer, problem: "" });
        onCursor(answer.watchCursor);
      },
      (error: unknown) => {
        if (!loading.signal.aborted) setState((before) => ({ ...before, problem: sentenceOf(error) }));
      },
    );
    return () => {
      loading.abort();
    };
  }, [caseId, reloads]);
  return { found, problem, reload: () => setReloads((count) => count + 1) };
}
