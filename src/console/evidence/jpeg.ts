import { MAX_FRAME_BYTES, MAX_HEIGHT, MAX_WIDTH } from "../../client/moderation/limits.js";

const [START, SCAN] = [0xd8, 0xda];
/** Markers before the size of the picture: baseline, extended and progressive. */
const SIZES = [0xc0, 0xc1, 0xc2];

/**
 * Whether bytes are a JPEG of the size that evidence allows. It reads the size that the file declares, as a small file can
 * decode to a picture that fills the memory.
 */
export function isAllowedJpeg(bytes: Uint8Array): boolean {
  if (bytes.length > MAX_FRAME_BYTES || bytes[0] !== 0xff || bytes[1] !== START) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let sizes = 0;
  for (let at = 2; at + 4 <= bytes.length && view.getUint8(at) === 0xff;) {
    const [marker, length] = [view.getUint8(at + 1), view.getUint16(at + 2)];
    if (marker === SCAN) return sizes === 1;
    if (length < 2) return false;
    if (SIZES.includes(marker)) {
      if (at + 9 > bytes.length || !fits(view.getUint16(at + 7), view.getUint16(at + 5))) return false;
      sizes++;
    }
    at += 2 + length;
  }
  return false;
}

const fits = (width: number, height: number) => width > 0 && width <= MAX_WIDTH && height > 0 && height <= MAX_HEIGHT;
