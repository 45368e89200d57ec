/** How much of a picture may be cut off so that it fills its place. */
const BEARABLE = 1.7;

interface Size {
  width: number;
  height: number;
}

/**
 * How a picture is shown in its place: filling it, or, when too much would be cut off, as a broad (`wide`) or upright
 * (`tall`) picture with room around it.
 */
export type Fit = "fill" | "wide" | "tall";

export function chooseFit(picture: Size, place: Size): Fit {
  if (!picture.width || !picture.height || !place.width || !place.height) return "fill";
  const ratio = picture.width / picture.height / (place.width / place.height);
  if (Math.max(ratio, 1 / ratio) <= BEARABLE) return "fill";
  return ratio > 1 ? "wide" : "tall";
}

/** Marks the video with `data-fit`, which the styles follow. */
export function fitPicture(video: HTMLVideoElement): void {
  const place = video.parentElement;
  if (!place) return;
  const picture = { width: video.videoWidth, height: video.videoHeight };
  video.dataset.fit = chooseFit(picture, { width: place.clientWidth, height: place.clientHeight });
}
