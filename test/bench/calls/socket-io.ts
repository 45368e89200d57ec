import { Frames, frameOf } from "./frames.js";

const [OPEN, PING] = ["0", "2"].map((kind) => kind.charCodeAt(0));
const [connect, pong] = [frameOf("40"), frameOf("3")];

/** A connection in Socket.IO's format, and the ID that the server assigned. */
export async function openSocketIo(port: number): Promise<{ frames: Frames; id: string }> {
  const frames = await Frames.open(port, "/socket.io/?EIO=4&transport=websocket");
  const connected = await new Promise<Buffer>((resolve, reject) => {
    frames.onFailure = reject;
    frames.onMessage = (message) => {
      if (message[0] === OPEN) frames.write(connect);
      else resolve(message);
    };
  });
  frames.onMessage = (message) => void isPing(frames, message);
  return { frames, id: /"sid":"([^"]+)"/.exec(connected.toString("latin1"))?.[1] ?? "" };
}

/** Whether a message is Engine.IO's ping, which is answered at once. */
export function isPing(frames: Frames, message: Buffer): boolean {
  if (message[0] !== PING) return false;
  frames.write(pong);
  return true;
}
