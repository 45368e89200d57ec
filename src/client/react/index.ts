"use client";

/** The client for React, version 18 or newer. It works in StrictMode and survives hot reloading. */
export { useSatoshigle, type SatoshigleView, type UseSatoshigleOptions } from "./use-satoshigle.js";
export { Video, type VideoProps } from "./video.js";
