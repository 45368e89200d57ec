import { connectionStateOf } from "../call/connection-state.js";
import { changeEncodings, scaleFor } from "../call/sender-encodings.js";
import { readLine, type LineSample, type PacketCount } from "./line-sample.js";
import { PicturePlan, type PictureStep } from "./picture-plan.js";
import { assess, QualityTracker, worse, type Assessment } from "./quality.js";

const EVERY_MS = 1_000;
/** What the sound takes, with its headers. */
const SOUND_BPS = 50_000;
/** Below this limit of the picture, the browser's estimate says nothing about the line. */
const LITTLE_BPS = 300_000;
/** What a line carries that needs a reduced picture, for its assessment. */
const REDUCED_BPS = 150_000;
/** The least that a picture is sent with. */
const MIN_PICTURE_BPS = 50_000;

/** What each side sends at most, in bits per second. */
export interface BitrateLimits {
  pictureBps: number;
  /** Sound and picture together, through a relay. */
  relayBps: number;
}

/** Whether this side sends its picture, or less of it so that the sound arrives. */
export type PictureState = PicturePlan["state"];

export interface LineWatchHandlers {
  /** Sends the partner what this side sees. */
  report(own: Assessment, picture: PictureState): void;
  /** What the person should know changed. */
  changed(quality: Assessment, picture: PictureState): void;
}

/** Watches the line of one peer connection, and sends the picture as the line allows. */
export class LineWatch {
  readonly #connection: RTCPeerConnection;
  readonly #limits: BitrateLimits;
  readonly #handlers: LineWatchHandlers;
  readonly #own = new QualityTracker();
  readonly #both = new QualityTracker();
  readonly #plan = new PicturePlan();
  readonly #timer: ReturnType<typeof setInterval>;
  #count: PacketCount | undefined;
  #partner: Assessment | null = null;
  #isRelayed = false;
  /** The parameters that were set last, as text. */
  #applied = "";
  #asking = false;

  constructor(connection: RTCPeerConnection, limits: BitrateLimits, handlers: LineWatchHandlers) {
    this.#connection = connection;
    this.#limits = limits;
    this.#handlers = handlers;
    this.#timer = setInterval(() => void this.#look(), EVERY_MS);
    void this.#look();
  }

  /** What the partner sees, from this side's point of view. */
  partnerReported(assessment: Assessment): void {
    this.#partner = assessment;
  }

  /** Reports to a partner that has just arrived. */
  report(): void {
    this.#handlers.report(this.#own.current, this.#plan.state);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#asking || connectionStateOf(this.#connection) !== "connected") return;
    this.#asking = true;
    try {
      const [sample, count] = readLine(await this.#connection.getStats(), this.#count);
      this.#count = count;
      this.#add(sample);
    } catch {
      // The connection was closed.
    } finally {
      this.#asking = false;
    }
  }

  #add(measured: LineSample): void {
    this.#isRelayed = measured.isRelayed;
    const before = this.#plan.state;
    const sample = { ...measured, sendableBps: this.#isEstimateTrue ? measured.sendableBps : undefined };
    this.#plan.add(sample);
    this.#apply();
    const isMoved = this.#plan.state !== before;
    const own = assess({ ...sample, sendableBps: this.#sendableBps(sample) });
    if (this.#own.add(own) || isMoved) this.report();
    if (this.#both.add(worse(own, this.#partner)) || isMoved) {
      this.#handlers.changed(this.#both.current, this.#plan.state);
    }
  }

  /** With little to send, the browser cannot find out how much it could send. */
  get #isEstimateTrue(): boolean {
    return this.#hasPicture && this.#allowedBps >= LITTLE_BPS;
  }

  /** A picture that is reduced says more about the line than an estimate that follows from it. */
  #sendableBps({ sendableBps }: LineSample): number | undefined {
    return { full: sendableBps, reduced: REDUCED_BPS, paused: 0 }[this.#plan.state];
  }

  get #hasPicture(): boolean {
    return this.#senderOf("video")?.track?.enabled ?? false;
  }

  /** The limits without the plan's. */
  get #allowedBps(): number {
    const { pictureBps, relayBps } = this.#limits;
    return Math.min(pictureBps, this.#isRelayed ? Math.max(MIN_PICTURE_BPS, relayBps - SOUND_BPS) : Infinity);
  }

  #senderOf(kind: string): RTCRtpSender | undefined {
    const transceivers = this.#connection.getTransceivers();
    return transceivers.find(({ receiver }) => receiver.track.kind === kind)?.sender;
  }

  /** Sets the parameters of both senders, if they changed. */
  #apply(): void {
    const { step } = this.#plan;
    const pictureBps = Math.min(step.maxBps, this.#allowedBps);
    const wanted = `${String(pictureBps)} ${String(step.scale)} ${String(step.active)}`;
    if (wanted === this.#applied) return;
    this.#applied = wanted;
    const [audio, video] = [this.#senderOf("audio"), this.#senderOf("video")];
    if (audio) {
      void changeEncodings(audio, (encoding) => {
        [encoding.priority, encoding.networkPriority] = ["high", "high"];
      });
    }
    if (!video) return;
    const scale = scaleFor(video, "line", step.scale);
    void changeEncodings(video, (encoding) => setPicture(encoding, { ...step, scale }, pictureBps));
  }
}

function setPicture(encoding: RTCRtpEncodingParameters, step: PictureStep, maxBps: number): void {
  encoding.active = step.active;
  encoding.scaleResolutionDownBy = step.scale;
  encoding.maxFramerate = step.maxFramesPerSecond;
  encoding.priority = "low";
  if (Number.isFinite(maxBps) && maxBps > 0) encoding.maxBitrate = maxBps;
  else delete encoding.maxBitrate;
}
