import type { Locator } from "playwright-core";
import jsQR from "jsqr";

/** Pixels for each square of a code: scanners do not find single ones. */
const SCALE = 4;

/** Scans the QR code that a page draws as squares of an SVG. Returns its text. */
export async function scan(code: Locator): Promise<string> {
  const [, , size = 0] = ((await code.getAttribute("viewBox")) ?? "").split(" ").map(Number);
  const path = (await code.locator("path").getAttribute("d")) ?? "";
  const width = size * SCALE;
  const pixels = new Uint8ClampedArray(width * width * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)/g)) darken(pixels, width, Number(x), Number(y));
  const found = jsQR.default(pixels, width, width);
  if (!found) throw new Error("there is no QR code");
  return found.data;
}

function darken(pixels: Uint8ClampedArray, width: number, x: number, y: number): void {
  for (let row = y * SCALE; row < (y + 1) * SCALE; row++) {
    const start = (row * width + x * SCALE) * 4;
    for (let at = start; at < start + SCALE * 4; at++) if (at % 4 !== 3) pixels[at] = 0;
  }
}
