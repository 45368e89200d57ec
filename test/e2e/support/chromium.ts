import { type Browser, chromium, type LaunchOptions } from "playwright-core";

const ARGS = [
  "--no-sandbox",
  "--disable-gpu", // emulated on these machines
  "--use-fake-device-for-media-stream=fps=5", // showing more would take the processors
  "--use-fake-ui-for-media-stream",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Options of a page without animations, which would take the processors from calls. */
export const STILL = { reducedMotion: "reduce" } as const;

/** Runs in a page before its own scripts: a camera gives small pictures, which take little time to convert and to show. */
export function useSmallCamera(): void {
  if (typeof MediaDevices === "undefined") return; // in an empty page
  const ask = Reflect.get(MediaDevices.prototype, "getUserMedia");
  MediaDevices.prototype.getUserMedia = function (this: MediaDevices, constraints = {}) {
    const { video } = constraints;
    const size = { width: 320, height: 180 };
    return ask.call(
      this,
      video ? { ...constraints, video: { ...(video === true ? {} : video), ...size } } : constraints,
    );
  };
}

/**
 * Chromium's engine with a fake camera and microphone that send media, but without the rest of the browser: a page
 * loads in half the time.
 */
export function launchBrowser(...more: string[]): Promise<Browser> {
  return chromium.launch({ executablePath: "/usr/bin/chromium-headless-shell", args: [...ARGS, ...more] });
}

/** The same with the rest of the browser, as people have it, which hides local addresses from calls (mDNS). */
export function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: ARGS, ...options });
}
