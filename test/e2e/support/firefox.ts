import { chmodSync } from "node:fs";
import { type Browser, firefox } from "playwright-core";
import { programNamed } from "../../support/build.js";

/** Debian's Firefox ESR with a fake camera and microphone that send media. */
export function launchFirefox(preferences: Record<string, string | number | boolean> = {}): Promise<Browser> {
  const bridge = programNamed("firefox-bridge");
  chmodSync(bridge, 0o755);
  return firefox.launch({
    channel: "moz-firefox", // speaks WebDriver BiDi, as Firefox itself does
    executablePath: bridge,
    firefoxUserPrefs: {
      "media.navigator.streams.fake": true,
      "media.navigator.permission.disabled": true,
      "media.peerconnection.ice.loopback": true,
      "media.devices.unfocused.enabled": true,
      "media.autoplay.default": 0,
      ...{ "media.navigator.video.default_width": 320, "media.navigator.video.default_height": 180 },
      "media.navigator.video.default_fps": 5, // showing more would take the processors
      ...preferences,
    },
  });
}
