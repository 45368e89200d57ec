import type { SatoshigleClient } from "@satoshigle/client";
import type { LocalMedia, MediaState } from "../local-media.js";
import { canChooseSpeaker } from "../media.js";
import { useMirror } from "../use-mirror.js";
import { ConnectionCheck } from "./connection-check.js";
import { DeviceField } from "./device-field.js";
import { Dialog } from "./dialog.js";

interface Props {
  open: boolean;
  onClose: () => void;
  state: MediaState;
  media: LocalMedia;
  client: SatoshigleClient;
}

/** Devices, mirroring, the connection test and the keyboard shortcuts. */
export function SettingsDialog({ open, onClose, state, media, client }: Props) {
  const [mirrored, setMirrored] = useMirror();
  const { devices, chosen, stream } = state;
  const inUse = (kind: "audio" | "video") =>
    stream
      ?.getTracks()
      .find((track) => track.kind === kind)
      ?.getSettings().deviceId;
  return (
    <Dialog title="Settings" open={open} onClose={onClose} testId="settings-dialog">
      <DeviceField
        name="Camera"
        testId="camera-select"
        devices={devices.cameras}
        chosen={inUse("video") ?? chosen.camera}
        onChoose={(camera) => void media.choose({ camera })}
      />
      <DeviceField
        name="Microphone"
        testId="microphone-select"
        devices={devices.microphones}
        chosen={inUse("audio") ?? chosen.microphone}
        onChoose={(microphone) => void media.choose({ microphone })}
      />
      {canChooseSpeaker() && (
        <DeviceField
          name="Speaker"
          testId="speaker-select"
          devices={devices.speakers}
          chosen={chosen.speaker}
          onChoose={(speaker) => void media.choose({ speaker })}
        />
      )}
      <label class="switch-row">
        <span>
          <span class="label">Mirror my video</span>
          <span class="help">Only you see it mirrored. Others see you the right way around.</span>
        </span>
        <input
          type="checkbox"
          role="switch"
          class="switch"
          data-testid="mirror"
          checked={mirrored}
          onChange={(event) => setMirrored(event.currentTarget.checked)}
        />
      </label>
      <ConnectionCheck client={client} />
      <dl class="keys">
        <div>
          <dt>Start</dt>
          <dd>
            <kbd>Space</kbd>
          </dd>
        </div>
        <div>
          <dt>Next person</dt>
          <dd>
            <kbd>→</kbd>
          </dd>
        </div>
        <div>
          <dt>Stop</dt>
          <dd>
            <kbd>Esc</kbd>
          </dd>
        </div>
      </dl>
    </Dialog>
  );
}
