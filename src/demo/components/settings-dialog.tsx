import type { SatoshigleClient } from "@satoshigle/client";
import type { LocalMedia, MediaState } from "../local-media.js";
import { canChooseSpeaker } from "../media.js";
import { isTextSession } from "../mode-limit.js";
import { useMirror } from "../use-mirror.js";
import { useScreeningSwitch } from "../use-screening.js";
import { say } from "../say.js";
import { forwardArrow } from "../use-keys.js";
import type { LanguageView } from "../use-page-language.js";
import { ConnectionCheck } from "./connection-check.js";
import { DeviceField } from "./device-field.js";
import { Dialog } from "./dialog.js";
import { PageLanguageField } from "./page-language-field.js";
import { SwitchRow } from "./switch-row.js";

interface Props {
  open: boolean;
  onClose: () => void;
  state: MediaState;
  media: LocalMedia;
  client: SatoshigleClient;
  language: LanguageView;
}

/** Language, devices, mirroring, the connection test and the keyboard shortcuts. */
export function SettingsDialog({ open, onClose, state, media, client, language }: Props) {
  return (
    <Dialog title={say("settings.title")} open={open} onClose={onClose} testId="settings-dialog">
      <PageLanguageField language={language} />
      {isTextSession(client.state) ? (
        <p class="help">{say("limit.session")}</p>
      ) : (
        <DeviceFields state={state} media={media} />
      )}
      <ConnectionCheck client={client} />
      <dl class="keys">
        <div>
          <dt>{say("controls.start")}</dt>
          <dd>
            <kbd>{say("key.space")}</kbd>
          </dd>
        </div>
        <div>
          <dt>{say("settings.key.next")}</dt>
          <dd>
            <kbd>{forwardArrow()}</kbd>
          </dd>
        </div>
        <div>
          <dt>{say("controls.stop")}</dt>
          <dd>
            <kbd>{say("key.escape")}</kbd>
          </dd>
        </div>
      </dl>
    </Dialog>
  );
}

/** Fields to select the camera, microphone and speaker, to mirror the local video and to check the partner's. */
function DeviceFields({ state, media }: Pick<Props, "state" | "media">) {
  const [mirrored, setMirrored] = useMirror();
  const [screened, setScreened] = useScreeningSwitch();
  const { devices, chosen, stream } = state;
  const inUse = (kind: "audio" | "video") =>
    stream
      ?.getTracks()
      .find((track) => track.kind === kind)
      ?.getSettings().deviceId;
  return (
    <>
      <DeviceField
        name={say("settings.camera")}
        testId="camera-select"
        devices={devices.cameras}
        chosen={inUse("video") ?? chosen.camera}
        onChoose={(camera) => void media.choose({ camera })}
      />
      <DeviceField
        name={say("settings.microphone")}
        testId="microphone-select"
        devices={devices.microphones}
        chosen={inUse("audio") ?? chosen.microphone}
        onChoose={(microphone) => void media.choose({ microphone })}
      />
      {canChooseSpeaker() && (
        <DeviceField
          name={say("settings.speaker")}
          testId="speaker-select"
          devices={devices.speakers}
          chosen={chosen.speaker}
          onChoose={(speaker) => void media.choose({ speaker })}
        />
      )}
      <SwitchRow
        name={say("settings.mirror")}
        help={say("settings.mirror.help")}
        testId="mirror"
        on={mirrored}
        onChange={setMirrored}
      />
      <SwitchRow
        name={say("settings.screening")}
        help={say("settings.screening.help")}
        testId="screening"
        on={screened}
        onChange={setScreened}
      />
    </>
  );
}
