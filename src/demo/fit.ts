/** The highest ratio between the aspect ratios of video and container at which the video is cropped to fill. */
const MAX_CROP_RATIO = 1.7;

interface Size {
  width: number;
  height: number;
}

/**
 * How a video fits its container: it fills it or, if too much would be cropped, is letterboxed as a landscape (`wide`)
 * or portrait (`tall`) video.
 */
export type Fit = "fill" | "wide" | "tall";

export function chooseFit(picture: Size, place: Size): Fit {
  if (!picture.width || !picture.height || !place.width || !place.height) return "fill";
  const ratio = picture.width / picture.height / (place.width / place.height);
  if (Math.max(ratio, 1 / ratio) <= MAX_CROP_RATIO) return "fill";
  return ratio > 1 ? "wide" : "tall";
}

/** Sets `data-fit` on the video for the stylesheet. */
export function fitPicture(video: HTMLVideoElement): void {
  const place = video.parentElement;
  if (!place) return;
  const picture = { width: video.videoWidth, height: video.videoHeight };
  video.dataset.fit = chooseFit(picture, { width: place.clientWidth, height: place.clientHeight });
}
