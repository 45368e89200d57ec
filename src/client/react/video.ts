"use client";

import { createElement, useEffect, useRef, type ReactElement, type VideoHTMLAttributes } from "react";

/** The attributes of a `video` element, and what it shows. */
export interface VideoProps extends VideoHTMLAttributes<HTMLVideoElement> {
  stream: MediaStream | null;
  /**
   * The browser plays sound only after the person has used the page, which is not the case after a reload. Call
   * `play` when a button is pressed.
   */
  onPlayBlocked?: (play: () => Promise<void>) => void;
}

/** Shows a media stream, such as `partnerStream` or the camera. Set `muted` for the camera. */
export function Video({ stream, onPlayBlocked, ...attributes }: VideoProps): ReactElement {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = stream;
    if (!stream) return;
    element.play().catch((error: unknown) => {
      if (error instanceof Error && error.name === "NotAllowedError") onPlayBlocked?.(() => element.play());
    });
  }, [stream]);
  return createElement("video", { autoPlay: true, playsInline: true, ...attributes, ref: video });
}
