/** How a person takes part: with picture and sound, with sound only, or by text alone. */
export type MediaMode = "video" | "audio" | "text";
export type MediaKind = "audio" | "video";

/** Devices the person picked, by id. */
export interface ChosenDevices {
  camera?: string;
  microphone?: string;
  speaker?: string;
}

/** The devices the browser lists. */
export interface DeviceList {
  cameras: MediaDeviceInfo[];
  microphones: MediaDeviceInfo[];
  speakers: MediaDeviceInfo[];
}

export const noDevices: DeviceList = { cameras: [], microphones: [], speakers: [] };

/** Asks the browser for tracks of these kinds. Prefers the chosen devices and takes others when they are gone. */
export async function openTracks(
  devices: MediaDevices,
  kinds: readonly MediaKind[],
  chosen: ChosenDevices,
): Promise<MediaStreamTrack[]> {
  const { cameras, microphones } = await listDevices(devices);
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

/** Insists on a device that is there: a mere wish does not move every browser. */
function pick(deviceId: string | undefined, devices: readonly MediaDeviceInfo[]): MediaTrackConstraints {
  if (!deviceId) return {};
  const there = devices.some((device) => device.deviceId === deviceId);
  return { deviceId: there ? { exact: deviceId } : { ideal: deviceId } };
}

/** Lists the devices; those without an id are placeholders of a browser that has not been allowed yet. */
export async function listDevices(devices: MediaDevices): Promise<DeviceList> {
  const all = await devices.enumerateDevices().catch(() => []);
  const ofKind = (kind: MediaDeviceKind) => all.filter((device) => device.kind === kind);
  return { cameras: ofKind("videoinput"), microphones: ofKind("audioinput"), speakers: ofKind("audiooutput") };
}

/** Whether the browser can play the partner's sound on a chosen speaker. */
export function canChooseSpeaker(): boolean {
  return "setSinkId" in HTMLMediaElement.prototype;
}
