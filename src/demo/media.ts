/** What the user sends: video and sound, sound only, or text only. */
export type MediaMode = "video" | "audio" | "text";
export type MediaKind = "audio" | "video";

/** Whether the user chose text only, and has switched neither camera nor microphone on since. */
export function isTextOnly({ mode, stream }: { mode: MediaMode | null; stream: MediaStream | null }): boolean {
  return mode === "text" && stream === null;
}

/** What the user sends now, or will send once camera and microphone are open. */
export function modeOf({ mode, stream }: { mode: MediaMode | null; stream: MediaStream | null }): MediaMode {
  if (stream === null) return mode ?? "video";
  return stream.getVideoTracks().length > 0 ? "video" : "audio";
}

/** IDs of the selected devices. */
export interface ChosenDevices {
  camera?: string;
  microphone?: string;
  speaker?: string;
}

export interface DeviceList {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
  speakers: MediaDeviceInfo[];
}

export const noDevices: DeviceList = { cameras: [], microphones: [], speakers: [] };

/** Opens tracks of these kinds. Falls back to other devices if the chosen ones are missing. */
export async function openTracks(
  devices: MediaDevices,
  kinds: readonly MediaKind[],
  chosen: ChosenDevices,
): Promise<MediaStreamTrack[]> {
  const isChosen = chosen.camera !== undefined || chosen.microphone !== undefined;
  const { cameras, microphones } = isChosen ? await listDevices(devices) : noDevices;
  const stream = await devices.getUserMedia({
    audio: kinds.includes("audio") && {
      echoCancellation: true,
      noiseSuppression: true,
      autoGainControl: true,
      ...pick(chosen.microphone, microphones),
    },
    video: kinds.includes("video") && {
      width: { ideal: 1280 },
      height: { ideal: 720 },
      ...(chosen.camera ? pick(chosen.camera, cameras) : { facingMode: "user" }),
    },
  });
  return stream.getTracks();
}

/** Uses `exact` for a device that is present, because some browsers ignore `ideal`. */
function pick(deviceId: string | undefined, devices: readonly MediaDeviceInfo[]): MediaTrackConstraints {
  if (!deviceId) return {};
  const there = devices.some((device) => device.deviceId === deviceId);
  return { deviceId: there ? { exact: deviceId } : { ideal: deviceId } };
}

/** Lists the devices. Those without an ID are placeholders until the user grants permission. */
export async function listDevices(devices: MediaDevices): Promise<DeviceList> {
  const all = await devices.enumerateDevices().catch(() => []);
  const ofKind = (kind: MediaDeviceKind) => all.filter((device) => device.kind === kind);
  return { cameras: ofKind("videoinput"), microphones: ofKind("audioinput"), speakers: ofKind("audiooutput") };
}

/** Whether the browser supports choosing a speaker. */
export function canChooseSpeaker(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}
