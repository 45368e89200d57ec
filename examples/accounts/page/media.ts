import type { Satoshigle } from "@satoshigle/client";

const local = document.getElementById("local") as HTMLVideoElement;
const camera = () => local.srcObject as MediaStream | null;

/** Opens camera and microphone, or closes them. */
export async function switchCamera(isOn: boolean): Promise<void> {
  if (isOn) {
    local.srcObject ??= await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
    return;
  }
  for (const track of camera()?.getTracks() ?? []) track.stop();
  local.srcObject = null;
}

/**
 * Pictures and sound go both ways or not at all. The server says who only writes. It cannot see what browsers send each
 * other, so each page takes nothing from such a partner, and sends it nothing.
 */
export async function exchangeMedia(client: Satoshigle, isTextOnly: boolean): Promise<void> {
  const { activity } = client.state;
  const isWritten = isTextOnly || (activity.phase === "matched" && activity.partnerMode === "text");
  client.setReceiving({ audio: !isWritten, video: !isWritten });
  await client.setMedia(isWritten ? null : camera());
}
