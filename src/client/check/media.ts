import { sleep } from "../connection/timers.js";
import { within } from "./deadline.js";
import type { CheckResult } from "./types.js";

/** How long to listen for a sound and to wait for a picture, and the pause between two looks, in milliseconds. */
const [LISTEN_MS, PICTURE_MS, PAUSE_MS] = [2_000, 3_000, 50];
/** Louder samples are a sound: the noise of a microphone that works is louder than digital silence. */
const SILENCE = 0.002;
/** Darker pictures are black, as those of a covered camera, out of 255. */
const BLACK = 6;
/** Size of the picture that is looked at, in pixels. */
const PIXELS = 16;

/** Listens until there is a sound, or for two seconds. */
export async function checkMicrophone(media: MediaStream | null | undefined): Promise<CheckResult["microphone"]> {
  const track = media?.getAudioTracks()[0];
  if (!track || typeof AudioContext === "undefined") return { status: "unavailable" };
  if (track.readyState === "ended") return { status: "failed" };
  if (!track.enabled) return { status: "unavailable" };
  const context = new AudioContext();
  try {
    const isRunning = await within(
      context.resume().then(() => true),
      PAUSE_MS * 10,
      false,
    );
    return isRunning ? await listen(context, track) : { status: "unavailable" }; // before the first click on a page
  } finally {
    void context.close().catch(() => undefined);
  }
}

async function listen(context: AudioContext, track: MediaStreamTrack): Promise<CheckResult["microphone"]> {
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let level = 0;
  const endMs = performance.now() + LISTEN_MS;
  while (level <= SILENCE && performance.now() < endMs) {
    await sleep(PAUSE_MS);
    analyser.getFloatTimeDomainData(samples);
    level = samples.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), level);
  }
  return { status: level > SILENCE ? "ok" : "warning", level };
}

/** Looks at pictures until one is not black, or for three seconds. */
export async function checkCamera(media: MediaStream | null | undefined): Promise<CheckResult["camera"]> {
  const track = media?.getVideoTracks()[0];
  if (!track?.enabled) return { status: "unavailable" };
  if (track.readyState === "ended") return { status: "failed" };
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  try {
    void video.play().catch(() => undefined);
    return { status: await look(video) };
  } finally {
    video.srcObject = null;
  }
}

async function look(video: HTMLVideoElement): Promise<CheckResult["camera"]["status"]> {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = PIXELS;
  const picture = canvas.getContext("2d", { willReadFrequently: true });
  const endMs = performance.now() + PICTURE_MS;
  let hasPicture = false;
  while (performance.now() < endMs) {
    if (video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && picture) {
      hasPicture = true;
      picture.drawImage(video, 0, 0, PIXELS, PIXELS);
      if (brightest(picture.getImageData(0, 0, PIXELS, PIXELS).data) > BLACK) return "ok";
    }
    await sleep(PAUSE_MS);
  }
  return hasPicture ? "warning" : "failed";
}

/** The brightest colour of any pixel; each has four bytes, of which the last is its opacity. */
function brightest(bytes: Uint8ClampedArray): number {
  return bytes.reduce((most, value, index) => (index % 4 === 3 ? most : Math.max(most, value)), 0);
}
