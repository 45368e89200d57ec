import {
  type ChosenDevices,
  type DeviceList,
  type MediaKind,
  type MediaMode,
  listDevices,
  noDevices,
  openTracks,
} from "./media.js";
import { type MediaFailure, classifyMediaError } from "./problems.js";

/** State of camera and microphone for rendering. Immutable: each change creates a new object. */
export interface MediaState {
  /** Null until the user has chosen a mode and it worked. */
  mode: MediaMode | null;
  stream: MediaStream | null;
  /** The browser is asking for permission or opening the devices. */
  asking: boolean;
  microphoneOn: boolean;
  cameraOn: boolean;
  failure: MediaFailure | null;
  devices: DeviceList;
  chosen: ChosenDevices;
}

/** A camera sends black frames before it closes, so that the partner does not see a frozen last frame. */
const BLACK_MS = 700;
const kindsOf: Record<MediaMode, MediaKind[]> = { video: ["audio", "video"], audio: ["audio"], text: [] };

/** The local camera and microphone. Calls `publish` with the stream to send whenever its tracks change. */
export class LocalMedia {
  state: MediaState;
  readonly #tracks = new Map<MediaKind, MediaStreamTrack>();
  #again: () => Promise<boolean> = () => this.open("video");
  #closingCamera: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly source: MediaDevices | undefined,
    private readonly publish: (stream: MediaStream | null) => Promise<void>,
    private readonly changed: (state: MediaState) => void,
    chosen: ChosenDevices = {},
  ) {
    const failure = null;
    this.state = {
      mode: null,
      stream: null,
      asking: false,
      microphoneOn: false,
      cameraOn: false,
      failure,
      devices: noDevices,
      chosen,
    };
    source?.addEventListener("devicechange", () => void this.#list());
  }

  /** Opens the devices for a mode. Returns false on failure, with the reason in `state.failure`. */
  async open(mode: MediaMode): Promise<boolean> {
    if (this.state.asking) return false;
    this.#again = () => this.open(mode);
    const missing = kindsOf[mode].filter((kind) => this.#tracks.get(kind)?.readyState !== "live");
    if (mode !== "video") this.#drop("video");
    if (mode === "text") this.#drop("audio");
    if (!(await this.#acquire(missing))) return false;
    this.#set({ mode, failure: null });
    return true;
  }

  async toggleMicrophone(): Promise<void> {
    const track = this.#tracks.get("audio");
    if (!track) return this.#add("audio");
    track.enabled = !track.enabled;
    this.#set({ microphoneOn: track.enabled });
  }

  async toggleCamera(): Promise<void> {
    clearTimeout(this.#closingCamera);
    const track = this.#tracks.get("video");
    if (!track) return this.#add("video");
    track.enabled = !track.enabled;
    this.#set({ cameraOn: track.enabled });
    if (!track.enabled) this.#closingCamera = setTimeout(() => void this.#close("video"), BLACK_MS);
  }

  /** Selects devices, and switches to them immediately if that kind of device is in use. */
  async choose(chosen: ChosenDevices): Promise<void> {
    this.#set({ chosen: { ...this.state.chosen, ...chosen } });
    if (chosen.camera && this.#tracks.get("video")) await this.#reopen("video");
    if (chosen.microphone && this.#tracks.get("audio")) await this.#reopen("audio");
  }

  /** Repeats the last action that failed. */
  retry(): Promise<boolean> {
    return this.#again();
  }

  dismissFailure(): void {
    this.#set({ failure: null });
  }

  async #add(kind: MediaKind): Promise<void> {
    this.#again = () => this.#acquire([kind]);
    await this.#acquire([kind]);
  }

  async #reopen(kind: MediaKind): Promise<void> {
    const enabled = this.#tracks.get(kind)?.enabled ?? true;
    this.#drop(kind);
    await this.#acquire([kind]);
    const track = this.#tracks.get(kind);
    if (track) track.enabled = enabled;
    this.#set({});
  }

  async #close(kind: MediaKind): Promise<void> {
    this.#drop(kind);
    await this.#share();
  }

  #drop(kind: MediaKind): void {
    this.#tracks.get(kind)?.stop();
    this.#tracks.delete(kind);
  }

  async #acquire(kinds: MediaKind[]): Promise<boolean> {
    if (kinds.length > 0) {
      if (!this.source) return this.#fail("insecure");
      this.#set({ asking: true });
      try {
        for (const track of await openTracks(this.source, kinds, this.state.chosen)) this.#adopt(track);
      } catch (error) {
        const { cameras, microphones } = await listDevices(this.source);
        return this.#fail(classifyMediaError(error, cameras.length, microphones.length));
      }
    }
    this.#set({ asking: false, failure: null });
    void this.#list();
    await this.#share();
    return true;
  }

  #adopt(track: MediaStreamTrack): void {
    const kind: MediaKind = track.kind === "video" ? "video" : "audio";
    this.#drop(kind);
    this.#tracks.set(kind, track);
    track.addEventListener("ended", () => {
      if (this.#tracks.get(kind) !== track) return;
      this.#again = () => this.#acquire([kind]);
      this.#set({ failure: "unplugged" });
      void this.#close(kind);
    });
  }

  #fail(failure: MediaFailure): false {
    this.#set({ asking: false, failure });
    return false;
  }

  async #share(): Promise<void> {
    const tracks = [...this.#tracks.values()];
    const stream = tracks.length > 0 ? new MediaStream(tracks) : null;
    this.#set({ stream });
    await this.publish(stream);
  }

  async #list(): Promise<void> {
    if (this.source) this.#set({ devices: await listDevices(this.source) });
  }

  #set(change: Partial<MediaState>): void {
    this.state = { ...this.state, microphoneOn: this.#isOn("audio"), cameraOn: this.#isOn("video"), ...change };
    this.changed(this.state);
  }

  #isOn(kind: MediaKind): boolean {
    return this.#tracks.get(kind)?.enabled ?? false;
  }
}
