import { useEffect, useRef, useState } from "preact/hooks";
import { fitPicture } from "../fit.js";
import { canChooseSpeaker } from "../media.js";
import { say } from "../say.js";
import { useScreening } from "../use-screening.js";
import { BlurNote } from "./blur-note.js";
import { Face } from "./face.js";
import { Icon } from "./icon.js";

interface Props {
  stream: MediaStream | null;
  speaker: string | undefined;
  /** False if the partner sends no video. */
  moving: boolean | null;
  /** The user chose text only, so nothing is received until camera or microphone are switched on. */
  textOnly: boolean;
}

function nothing(moving: boolean | null, textOnly: boolean): string {
  if (textOnly) return say("stage.textOnly");
  return moving === false ? say("stage.noVideo") : "";
}

/** The partner's video, with a face as placeholder. */
export function Them({ stream, speaker, moving, textOnly }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const [silenced, setSilenced] = useState(false);
  const [playing, setPlaying] = useState(false);
  const { state: screened, agree } = useScreening(video);

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = stream;
    setSilenced(false);
    setPlaying(false);
    if (stream) void play(element);
  }, [stream]);

  useEffect(() => {
    if (speaker !== undefined && canChooseSpeaker()) void video.current?.setSinkId(speaker).catch(() => undefined);
  }, [speaker, stream]);

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const observer = new ResizeObserver(() => fitPicture(element));
    if (element.parentElement) observer.observe(element.parentElement);
    return () => observer.disconnect();
  }, []);

  /** Browsers block sound until the user interacts with the page, for example after a reload. */
  async function play(element: HTMLVideoElement): Promise<void> {
    await element.play().then(
      () => setSilenced(false),
      (error: unknown) => setSilenced(error instanceof Error && error.name === "NotAllowedError"),
    );
  }

  const shown = playing && moving !== false;
  const clear = screened === "clear" || screened === "agreed";
  return (
    <div class="them" data-picture={shown ? "on" : "off"} data-screened={clear ? "clear" : "blurred"}>
      <Face />
      <video
        ref={video}
        class="them-video"
        data-testid="remote-video"
        aria-label={say("stage.partner")}
        autoplay
        playsInline
        onPlaying={() => setPlaying((video.current?.videoWidth ?? 0) > 0)}
        onResize={() => {
          setPlaying((video.current?.videoWidth ?? 0) > 0);
          if (video.current) fitPicture(video.current);
        }}
      />
      <p class="them-nothing">{nothing(moving, textOnly)}</p>
      {shown && <BlurNote state={screened} onShow={agree} />}
      {silenced && (
        <button
          type="button"
          class="button button-strong them-play"
          onClick={() => video.current && void play(video.current)}
        >
          <Icon name="sound" /> {say("stage.play")}
        </button>
      )}
    </div>
  );
}
