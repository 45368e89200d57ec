import type { ErrorCode, EvidencePolicy, SatoshigleClient } from "@satoshigle/client";
import type { LocalMedia, MediaState } from "../local-media.js";
import { isTextOnly } from "../media.js";
import { nameOf } from "../languages.js";
import { describeOver } from "../minute-words.js";
import { explainLimit } from "../mode-limit.js";
import { type Choice, summarize } from "../preferences.js";
import { type Problem, explainError, explainMedia } from "../problems.js";
import type { Call } from "../use-call.js";
import type { ClientView } from "../use-client.js";
import type { PanelView } from "../use-panel.js";
import { useBan } from "../use-ban.js";
import { useDeposit } from "../use-deposit.js";
import { useNotices } from "../use-notices.js";
import { useMirror } from "../use-mirror.js";
import { useElapsed } from "../use-elapsed.js";
import { describe, phaseOf } from "../words.js";
import { say } from "../say.js";
import { AnswerNotice } from "./answer-notice.js";
import { BanNotice } from "./ban-notice.js";
import { DirectQuestion } from "./direct-question.js";
import { EvidenceNote } from "./evidence-note.js";
import { Icon } from "./icon.js";
import { LimitNote } from "./limit-note.js";
import { LineNote } from "./line-note.js";
import { Notice } from "./notice.js";
import { PartnerProfile } from "./partner-profile.js";
import { Peek } from "./peek.js";
import { Status } from "./status.js";
import { MinuteTray } from "./minute-tray.js";
import { TipTray } from "./tip-tray.js";
import type { Tipping } from "../use-tips.js";
import { Them } from "./them.js";
import { WarningDialog } from "./warning-dialog.js";
import { You } from "./you.js";

interface Props {
  client: SatoshigleClient;
  view: ClientView;
  call: Call;
  mediaState: MediaState;
  media: LocalMedia;
  moving: boolean | null;
  panel: PanelView;
  choice: Choice;
  tipping: Tipping;
  evidence: EvidencePolicy;
}

/** Both videos, with the status text and notices over them. */
export function Stage({ client, view, call, mediaState, media, moving, panel, choice, tipping, evidence }: Props) {
  const { state, lastEnd } = view;
  const phase = phaseOf(state.activity);
  const [mirrored] = useMirror();
  const blocked = view.trouble?.error.code === "stream_blocked";
  const overloaded = view.trouble?.error.code === "overloaded";
  const waitedMs = useElapsed(phase === "waiting");
  const { starting } = call;
  const words = describe({ state, starting, asking: mediaState.asking, blocked, overloaded, waitedMs, lastEnd });
  const problem = findProblem(view, mediaState);
  const ban = useBan(client, view.trouble?.error ?? null, view.fail);
  const deposit = useDeposit(view.trouble?.error ?? null);
  const notices = useNotices(client, state.connection.status === "online");
  const dismiss = () => (view.trouble ? view.fail(null) : call.dismiss());
  const profile = state.activity.phase === "matched" ? state.activity.profile : null;
  const limit = explainLimit(state);
  const first = phase === "idle" && lastEnd === null && !call.starting;
  const closeSheet = (event: Event) => {
    const pressed = event.target instanceof Element && event.target.closest("button");
    if (panel.open && !pressed) panel.close();
  };
  return (
    <section class="stage" aria-label={say("stage.label")} data-note={evidence !== "off"} onClick={closeSheet}>
      <Them
        stream={view.partnerStream}
        speaker={mediaState.chosen.speaker}
        moving={moving}
        textOnly={limit === "" && isTextOnly(mediaState)}
      />
      <You state={mediaState} media={media} mirrored={mirrored} />
      <div class="captions">
        <Status words={words} phase={phase} />
        <LimitNote text={limit} />
        <p class="minutes-over" role="status" data-testid="minutes-over">
          {tipping.minutes.over && describeOver(tipping.minutes.over)}
        </p>
        {profile && <PartnerProfile profile={profile} />}
        {tipping.terms && (phase === "connected" || phase === "reconnecting") && (
          <MinuteTray minutes={tipping.minutes} terms={tipping.terms} pays={tipping.pays} />
        )}
        {phase === "idle" && !panel.wide && (
          <button type="button" class="captions-choice" data-testid="choice" onClick={() => panel.show("meet")}>
            <Icon name="people" /> {summarize(choice, (code) => nameOf(code))}
          </button>
        )}
        {first && <p class="captions-note">{say("status.adults")}</p>}
        {(phase === "idle" || phase === "waiting") && <EvidenceNote policy={evidence} />}
      </div>
      {ban && <BanNotice view={ban} onDismiss={dismiss} />}
      {deposit && (
        <deposit.DepositDialog
          client={client}
          payInvoice={tipping.payInvoice}
          onAdmitted={() => void (phase === "idle" ? call.start() : call.next())}
          onClose={deposit.close}
        />
      )}
      {problem && !ban && !deposit && (
        <Notice problem={problem} onRemedy={(remedy) => void call.heal(remedy)} onDismiss={dismiss} />
      )}
      {!problem && state.activity.phase === "matched" && state.activity.direct === "partner" && (
        <DirectQuestion onDirect={() => client.goDirect()} onStay={() => client.stayRelayed()} />
      )}
      <AnswerNotice notices={notices} wait={problem !== null || state.activity.phase === "matched"} />
      <WarningDialog notices={notices} />
      {!problem && <TipTray client={client} tipping={tipping} />}
      <LineNote client={client} inCall={phase === "connected"} />
      <Peek view={view} panel={panel} />
    </section>
  );
}

/** Errors that the status text explains while the client reconnects. */
const saidByStatus = new Set<ErrorCode>(["server_unreachable", "overloaded"]);

function findProblem(view: ClientView, media: MediaState): Problem | null {
  const { trouble, state } = view;
  if (trouble === null) return media.failure && explainMedia(media.failure);
  const alreadySaid = saidByStatus.has(trouble.error.code) && state.connection.status === "reconnecting";
  return alreadySaid ? null : explainError(trouble.error, trouble.atMs);
}
