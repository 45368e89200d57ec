import { useEffect, useState } from "preact/hooks";
import type { SatoshigleClient } from "@satoshigle/client";
import { Controls } from "./components/controls.js";
import { Header } from "./components/header.js";
import { Panel } from "./components/panel.js";
import { ReportDialog } from "./components/report-dialog.js";
import { SafetyDialog } from "./components/safety-dialog.js";
import { SettingsDialog } from "./components/settings-dialog.js";
import { TipDialog } from "./components/tip-dialog.js";
import { Stage } from "./components/stage.js";
import { findReportable } from "./reportable.js";
import { useCall } from "./use-call.js";
import { useChoice } from "./use-choice.js";
import { useClient } from "./use-client.js";
import { useEvidence } from "./use-evidence.js";
import { useKeys } from "./use-keys.js";
import { useMedia } from "./use-media.js";
import { usePageLanguage } from "./use-page-language.js";
import type { PageLanguage } from "./page-language.js";
import { usePanel } from "./use-panel.js";
import { useResume } from "./use-resume.js";
import { useTips } from "./use-tips.js";
import { useStats } from "./use-stats.js";
import { describeWay } from "./way.js";
import { phaseOf, titleOf } from "./words.js";

interface Props {
  client: SatoshigleClient;
  resuming: boolean;
  /** The language that is spoken already. */
  language: PageLanguage;
}

export function App({ client, resuming, language: firstLanguage }: Props) {
  const language = usePageLanguage(firstLanguage);
  const view = useClient(client);
  const [mediaState, media] = useMedia(client, view);
  const [choice, setChoice] = useChoice();
  const call = useCall(client, view, media, choice);
  const panel = usePanel(view);
  const [settingsOpen, setSettingsOpen] = useState(false);
  const tipping = useTips(client, view);
  const evidence = useEvidence(client, view.state);
  const policy = evidence?.policy ?? "off";
  const [tipOpen, setTipOpen] = useState(false);
  const [safetyOpen, setSafetyOpen] = useState(false);
  const [reportedId, setReportedId] = useState<string | null>(null);

  const { activity, connection } = view.state;
  const phase = phaseOf(activity);
  const inCall = phase === "connected" || phase === "reconnecting";
  const numbers = useStats(client, phase === "connected", activity.phase === "matched" ? activity.matchId : null);
  useResume(client, resuming, phase, mediaState, media, view.fail);
  useKeys(phase, (command) => {
    if (command === "stop" && panel.open) panel.close();
    else void call[command]();
  });

  useEffect(() => {
    document.title = titleOf(phase, panel.unreadCount);
    document.documentElement.dataset.phase = phase;
    document.documentElement.dataset.connection = connection.status;
  }, [phase, connection.status, panel.unreadCount, language.spoken]);

  const askToReport = () => setReportedId(findReportable(activity, view.lastEnd, Date.now()));
  return (
    <div class={inCall ? "page in-call" : "page at-rest"}>
      <Header
        phase={phase}
        connection={connection}
        stats={numbers.stats}
        way={activity.phase === "matched" ? describeWay(activity, numbers.stats?.path) : null}
        onDirect={() => client.goDirect()}
        onSafetyCode={() => setSafetyOpen(true)}
        canReport={findReportable(activity, view.lastEnd, Date.now()) !== null}
        onReport={askToReport}
        tips={tipping.terms && activity.phase === "matched" ? tipping.totals : null}
        onTip={() => setTipOpen(true)}
        onSettings={() => setSettingsOpen(true)}
      />
      <main class="theatre">
        <Stage
          view={view}
          call={call}
          mediaState={mediaState}
          media={media}
          moving={numbers.moving}
          client={client}
          panel={panel}
          choice={choice}
          tipping={tipping}
          evidence={policy}
        />
        <Controls phase={phase} view={view} call={call} mediaState={mediaState} media={media} panel={panel} />
      </main>
      <Panel client={client} view={view} panel={panel} choice={choice} onChoice={setChoice} evidence={policy} />
      <SettingsDialog
        open={settingsOpen}
        onClose={() => setSettingsOpen(false)}
        state={mediaState}
        media={media}
        client={client}
        language={language}
      />
      <TipDialog
        open={tipOpen}
        onClose={() => setTipOpen(false)}
        client={client}
        tipping={tipping}
        inMatch={activity.phase === "matched"}
      />
      <SafetyDialog open={safetyOpen && inCall} onClose={() => setSafetyOpen(false)} client={client} />
      <ReportDialog client={client} matchId={reportedId} evidence={evidence} onClose={() => setReportedId(null)} />
    </div>
  );
}
