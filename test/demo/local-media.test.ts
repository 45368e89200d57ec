import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LocalMedia } from "../../src/demo/local-media.js";
import type { MediaKind } from "../../src/demo/media.js";

class Track extends EventTarget {
  enabled = true;
  readyState = "live";
  constructor(readonly kind: MediaKind) {
    super();
  }
  stop() {
    this.readyState = "ended";
  }
}

class Stream {
  constructor(readonly tracks: Track[]) {}
  getTracks() {
    return this.tracks;
  }
}

/** A machine with a camera and a microphone that may refuse. */
function machine() {
  const opened: Track[] = [];
  const box = {
    opened,
    asked: [] as MediaStreamConstraints[],
    refusal: null as Error | null,
    addEventListener: () => undefined,
    enumerateDevices: () => Promise.resolve([{ kind: "audioinput", deviceId: "desk" }]),
    getUserMedia: (wanted: MediaStreamConstraints) => {
      box.asked.push(wanted);
      if (box.refusal) return Promise.reject(box.refusal);
      const kinds = (["audio", "video"] as const).filter((kind) => wanted[kind]);
      const tracks = kinds.map((kind) => new Track(kind));
      opened.push(...tracks);
      return Promise.resolve(new Stream(tracks));
    },
  };
  return box;
}

function setUp(box: ReturnType<typeof machine> | undefined) {
  const sent: string[][] = [];
  const publish = (stream: MediaStream | null) => {
    sent.push(stream?.getTracks().map((track) => track.kind) ?? []);
    return Promise.resolve();
  };
  const media = new LocalMedia(box as unknown as MediaDevices | undefined, publish, () => undefined);
  return { media, sent };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("MediaStream", Stream);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("camera and microphone", () => {
  it("are sent once the person allowed them", async () => {
    const { media, sent } = setUp(machine());
    expect(await media.open("video")).toBe(true);
    expect(sent).toEqual([["audio", "video"]]);
    expect(media.state).toMatchObject({ mode: "video", cameraOn: true, microphoneOn: true });
  });

  it("can be done without", async () => {
    const { media, sent } = setUp(undefined);
    expect(await media.open("video")).toBe(false);
    expect(media.state.failure).toBe("insecure");
    expect(await media.open("text")).toBe(true);
    expect(media.state).toMatchObject({ mode: "text", failure: null });
    expect(sent.at(-1)).toEqual([]);
  });

  it("say why they failed, and may be asked again", async () => {
    const box = machine();
    box.refusal = Object.assign(new Error(), { name: "NotReadableError" });
    const { media } = setUp(box);
    expect(await media.open("video")).toBe(false);
    expect(media.state).toMatchObject({ mode: null, asking: false, failure: "in_use" });
    box.refusal = null;
    expect(await media.open("video")).toBe(true);
    expect(media.state.failure).toBeNull();
  });

  it("show a moment of black before the camera's light goes out", async () => {
    const box = machine();
    const { media, sent } = setUp(box);
    await media.open("video");
    await media.toggleCamera();
    const camera = box.opened.find((track) => track.kind === "video");
    expect([camera?.enabled, camera?.readyState]).toEqual([false, "live"]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(camera?.readyState).toBe("ended");
    expect(sent.at(-1)).toEqual(["audio"]);
  });

  it("keep the camera when it is switched on again at once", async () => {
    const box = machine();
    const { media } = setUp(box);
    await media.open("video");
    await media.toggleCamera();
    await media.toggleCamera();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(media.state.cameraOn).toBe(true);
    expect(box.opened).toHaveLength(2);
  });

  it("mute without letting the microphone go", async () => {
    const box = machine();
    const { media } = setUp(box);
    await media.open("audio");
    await media.toggleMicrophone();
    expect(media.state.microphoneOn).toBe(false);
    expect(box.opened[0]?.readyState).toBe("live");
  });

  it("stay muted when another microphone is chosen", async () => {
    const { media } = setUp(machine());
    await media.open("audio");
    await media.toggleMicrophone();
    await media.choose({ microphone: "other" });
    expect(media.state.microphoneOn).toBe(false);
  });

  it("insist on a chosen microphone while it is there, and only then", async () => {
    const box = machine();
    const { media } = setUp(box);
    await media.open("audio");
    await media.choose({ microphone: "desk" });
    expect(box.asked.at(-1)?.audio).toMatchObject({ deviceId: { exact: "desk" } });
    await media.choose({ microphone: "unplugged" });
    expect(box.asked.at(-1)?.audio).toMatchObject({ deviceId: { ideal: "unplugged" } });
  });

  it("ask again for what failed, and for nothing else", async () => {
    const box = machine();
    const { media, sent } = setUp(box);
    await media.open("text");
    box.refusal = Object.assign(new Error(), { name: "NotAllowedError" });
    await media.toggleCamera();
    expect(media.state).toMatchObject({ mode: "text", failure: "denied" });
    box.refusal = null;
    expect(await media.retry()).toBe(true);
    expect(media.state).toMatchObject({ cameraOn: true, microphoneOn: false, failure: null });
    expect(sent.at(-1)).toEqual(["video"]);
  });

  it("report an unplugged device", async () => {
    const box = machine();
    const { media, sent } = setUp(box);
    await media.open("video");
    box.opened.find((track) => track.kind === "video")?.dispatchEvent(new Event("ended"));
    await vi.advanceTimersByTimeAsync(0);
    expect(media.state).toMatchObject({ failure: "unplugged", cameraOn: false });
    expect(sent.at(-1)).toEqual(["audio"]);
  });
});
