import type { LocalMedia, MediaState } from "../local-media.js";
import type { Call } from "../use-call.js";
import type { ClientView } from "../use-client.js";
import type { PanelView } from "../use-panel.js";
import { isTextSession } from "../mode-limit.js";
import type { Phase } from "../words.js";
import { formatNumber, say } from "../say.js";
import { Icon, type IconName } from "./icon.js";
import { LIMIT_ID } from "./limit-note.js";
import { PrimaryButton } from "./primary-button.js";

interface Props {
  phase: Phase;
  view: ClientView;
  call: Call;
  mediaState: MediaState;
  media: LocalMedia;
  panel: PanelView;
}

/** The control bar below the stage. */
export function Controls({ phase, view, call, mediaState, media, panel }: Props) {
  const ready = mediaState.mode !== null;
  const isLimited = isTextSession(view.state);
  const tab = view.state.activity.phase === "matched" || view.chat.count > 0 ? "chat" : "meet";
  return (
    <div class="controls" role="group" aria-label={say("controls.label")}>
      <div class="controls-side">
        {ready && (
          <>
            <Switch
              testId="mute"
              on={mediaState.microphoneOn}
              icons={["microphone", "microphoneOff"]}
              labels={[say("controls.mute"), say("controls.unmute")]}
              busy={mediaState.asking}
              isLimited={isLimited}
              onPress={() => void media.toggleMicrophone()}
            />
            <Switch
              testId="camera"
              on={mediaState.cameraOn}
              icons={["camera", "cameraOff"]}
              labels={[say("controls.cameraOff"), say("controls.cameraOn")]}
              busy={mediaState.asking}
              isLimited={isLimited}
              onPress={() => void media.toggleCamera()}
            />
          </>
        )}
      </div>
      <PrimaryButton phase={phase} matchedAtMs={view.matchedAtMs} call={call} />
      <div class="controls-side controls-end">
        {phase !== "idle" && (
          <button type="button" class="round" data-testid="stop" onClick={() => void call.stop()}>
            <Icon name="stop" solid />
            <span class="visually-hidden">{say("controls.stop")}</span>
            <kbd class="hint">{say("key.escape")}</kbd>
          </button>
        )}
        {!panel.wide && (
          <button
            type="button"
            class="round"
            data-testid="panel"
            data-opens="panel"
            aria-label={tab === "chat" ? say("chat.label") : say("meet.title")}
            aria-expanded={panel.open}
            onClick={() => (panel.open ? panel.close() : panel.show(tab))}
          >
            <Icon name={tab === "chat" ? "chat" : "people"} />
            {panel.unreadCount > 0 && <span class="badge">{formatNumber(panel.unreadCount)}</span>}
          </button>
        )}
      </div>
    </div>
  );
}

interface SwitchProps {
  testId: string;
  on: boolean;
  icons: [on: IconName, off: IconName];
  labels: [on: string, off: string];
  busy: boolean;
  /** Switching it on would have no effect. */
  isLimited: boolean;
  onPress: () => void;
}

function Switch({ testId, on, icons, labels, busy, isLimited, onPress }: SwitchProps) {
  const idle = isLimited && !on;
  const at = on ? 0 : 1;
  return (
    <button
      type="button"
      class={on ? "round" : "round round-off"}
      data-testid={testId}
      data-on={on}
      aria-label={labels[at]}
      disabled={busy}
      aria-disabled={idle}
      aria-describedby={idle ? LIMIT_ID : undefined}
      onClick={idle ? undefined : onPress}
    >
      <Icon name={icons[at]} />
    </button>
  );
}
