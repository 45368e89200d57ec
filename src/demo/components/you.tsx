import { useEffect, useRef } from "preact/hooks";
import type { LocalMedia, MediaState } from "../local-media.js";
import { say } from "../say.js";
import { Face } from "./face.js";
import { Icon } from "./icon.js";

/** The local video: full size when idle, in the corner during a call. */
export function You({ state, media, mirrored }: { state: MediaState; media: LocalMedia; mirrored: boolean }) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current) video.current.srcObject = state.stream;
  }, [state.stream]);
  return (
    <div class="you" data-camera={state.cameraOn ? "on" : "off"}>
      <span class="both" aria-hidden="true" />
      <Face />
      <video
        ref={video}
        class={mirrored ? "you-video mirrored" : "you-video"}
        data-testid="local-video"
        aria-label={say("stage.you")}
        autoplay
        muted
        playsInline
      />
      {state.mode === null && (
        <button
          type="button"
          class="you-open"
          data-testid="open-camera"
          disabled={state.asking}
          onClick={() => void media.open("video")}
        >
          <Icon name="camera" />
          <span class="you-open-name">{state.asking ? say("stage.opening") : say("controls.cameraOn")}</span>
        </button>
      )}
      {state.mode !== null && !state.microphoneOn && (
        <span class="you-muted">
          <Icon name="microphoneOff" />
          <span class="visually-hidden">{say("stage.muted")}</span>
        </span>
      )}
    </div>
  );
}
