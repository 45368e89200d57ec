import type { Inspect } from "@satoshigle/client/screening";

/** The mean brightness below which a picture is dark, of 255. */
const DARK = 24;

/**
 * An example in place of a model that recognizes what people do not want to see: it objects to dark pictures, which is
 * easy to try, and recognizes nothing else.
 */
export const objectToDarkness: Inspect = (picture) => {
  const pixels = picture.getContext("2d")?.getImageData(0, 0, picture.width, picture.height).data;
  if (pixels === undefined) return "blur";
  let sum = 0;
  for (let at = 0; at < pixels.length; at += 4) {
    sum += ((pixels[at] ?? 0) + (pixels[at + 1] ?? 0) + (pixels[at + 2] ?? 0)) / 3;
  }
  return sum / (pixels.length / 4) < DARK ? "blur" : "show";
};
