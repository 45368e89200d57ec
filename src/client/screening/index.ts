/** What an app thinks of a picture. */
export type Verdict = "show" | "blur";

/**
 * Looks at a picture of the received video, on this device. Nothing is sent anywhere.
 * @param picture a small copy of the picture, valid until the promise settles
 */
export type Inspect = (picture: HTMLCanvasElement, signal: AbortSignal) => Verdict | Promise<Verdict>;

/**
 * `inspecting`: the first picture was not inspected yet, and is blurred. `clear`: shown. `blurred`: a picture was objected
 * to. `failed`: `inspect` threw or took too long, so that the picture is blurred. `agreed`: the person wants to see it.
 */
export type ScreeningState = "inspecting" | "clear" | "blurred" | "failed" | "agreed";

export interface ScreeningOptions {
  inspect: Inspect;
  /** Milliseconds between two inspections; 1,000 unless given, at least 100. */
  everyMs?: number;
  /** The longest side of the inspected copy, in pixels; 224 unless given. */
  maxSide?: number;
  /** How long `inspect` may take, in milliseconds; 5,000 unless given. */
  timeoutMs?: number;
  /** Called when `state` changes. */
  onState?: (state: ScreeningState) => void;
}

/** The inspection of one video element. */
export interface Screening {
  readonly state: ScreeningState;
  /** Shows the video, and ends the inspections, until the element plays another stream. */
  agree(): void;
  /** Ends the inspections and shows the video. */
  stop(): void;
}

const BLUR = "blur(32px)";
const [EVERY_MS, MIN_EVERY_MS, MAX_SIDE, TIMEOUT_MS] = [1_000, 100, 224, 5_000];

/**
 * Inspects the pictures that a video element plays, and blurs the element from the first objection until the person agrees
 * to see it. It is blurred too until the first picture was inspected, and when an inspection fails. Another stream in
 * the element starts again. While it is blurred, the element cannot be shown picture-in-picture, which would show it clear.
 */
export function screenVideo(video: HTMLVideoElement, options: ScreeningOptions): Screening {
  return new VideoScreening(video, options);
}

class VideoScreening implements Screening {
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #canvas: HTMLCanvasElement;
  #state: ScreeningState = "inspecting";
  #stream: unknown;
  #inspection: AbortController | undefined;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly options: ScreeningOptions,
  ) {
    this.#canvas = video.ownerDocument.createElement("canvas");
    this.#stream = video.srcObject;
    this.#show();
    video.addEventListener("loadstart", this.#onStream);
    video.addEventListener("enterpictureinpicture", this.#show);
    this.#timer = setInterval(() => void this.#inspect(), Math.max(MIN_EVERY_MS, options.everyMs ?? EVERY_MS));
    void this.#inspect();
  }

  get state(): ScreeningState {
    return this.#state;
  }

  agree(): void {
    this.#inspection?.abort();
    this.#enter("agreed");
  }

  stop(): void {
    clearInterval(this.#timer);
    this.video.removeEventListener("loadstart", this.#onStream);
    this.video.removeEventListener("enterpictureinpicture", this.#show);
    this.agree();
  }

  readonly #onStream = () => {
    if (this.video.srcObject === this.#stream) return;
    this.#stream = this.video.srcObject;
    this.#inspection?.abort();
    this.#enter("inspecting");
    void this.#inspect();
  };

  async #inspect(): Promise<void> {
    const isDecided = this.#state !== "inspecting" && this.#state !== "clear";
    if (isDecided || this.#inspection || this.video.ownerDocument.hidden || !this.#copy()) return;
    const inspection = (this.#inspection = new AbortController());
    const state = await this.#verdict(inspection.signal).then(
      (verdict) => (verdict === "blur" ? "blurred" : "clear"),
      () => "failed" as const,
    );
    this.#inspection = undefined;
    if (!inspection.signal.aborted) this.#enter(state);
    inspection.abort();
  }

  /** Rejects if the inspection fails or takes too long. */
  #verdict(signal: AbortSignal): Promise<Verdict> {
    const { inspect, timeoutMs = TIMEOUT_MS } = this.options;
    return new Promise<Verdict>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("The inspection takes too long.")), timeoutMs);
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        resolve("blur"); // nobody waits for it any more
      });
      Promise.resolve(this.#canvas)
        .then((picture) => inspect(picture, signal))
        .then(resolve, reject);
    });
  }

  /** Whether there is a picture, which has been copied. */
  #copy(): boolean {
    const { videoWidth, videoHeight, readyState, HAVE_CURRENT_DATA } = this.video;
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    if (!context || videoWidth === 0 || readyState < HAVE_CURRENT_DATA) return false;
    const scale = Math.min(1, (this.options.maxSide ?? MAX_SIDE) / Math.max(videoWidth, videoHeight));
    this.#canvas.width = Math.max(1, Math.round(videoWidth * scale));
    this.#canvas.height = Math.max(1, Math.round(videoHeight * scale));
    context.drawImage(this.video, 0, 0, this.#canvas.width, this.#canvas.height);
    return true;
  }

  #enter(state: ScreeningState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#show();
    this.options.onState?.(state);
  }

  readonly #show = () => {
    const hidden = this.#state !== "clear" && this.#state !== "agreed";
    const { video } = this;
    video.style.filter = hidden ? BLUR : "";
    video.disablePictureInPicture = hidden;
    const page = video.ownerDocument;
    if (hidden && page.pictureInPictureElement === video) page.exitPictureInPicture().catch(() => undefined);
  };
}
