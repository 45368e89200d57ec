import { toBase64 } from "./base64.js";
import { MAX_FRAME_BYTES, MAX_HEIGHT, MAX_WIDTH } from "./limits.js";
import type { EvidenceFrame } from "./types.js";

const EVERY_MS = 4_000;
/** Tried in turn until the picture is small enough. */
const QUALITIES = [0.7, 0.5, 0.3, 0.1];

/** Takes a small picture of the received video now and then. */
export class FrameSource {
  readonly #video = document.createElement("video");
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(stream: MediaStream, onFrame: (frame: EvidenceFrame) => void) {
    this.#video.muted = true;
    this.#video.srcObject = stream; // its tracks may come later
    this.#video.play().catch(() => undefined); // there is no picture then
    this.#timer = setInterval(() => {
      void this.#take().then((frame) => frame && onFrame(frame));
    }, EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#video.srcObject = null;
  }

  async #take(): Promise<EvidenceFrame | undefined> {
    const { videoWidth, videoHeight } = this.#video;
    const canvas = document.createElement("canvas");
    const scale = Math.min(1, MAX_WIDTH / videoWidth, MAX_HEIGHT / videoHeight);
    [canvas.width, canvas.height] = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
    const context = canvas.getContext("2d");
    if (videoWidth === 0 || !context) return undefined;
    const atMs = Date.now();
    context.drawImage(this.#video, 0, 0, canvas.width, canvas.height);
    for (const quality of QUALITIES) {
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
      if (!blob || blob.size > MAX_FRAME_BYTES) continue;
      return { atMs, jpeg: toBase64(new Uint8Array(await blob.arrayBuffer())) };
    }
    return undefined;
  }
}
