import type { BrowserContext } from "playwright-core";
import { identityToken } from "../../support/app-keys.js";

declare global {
  interface Window {
    /** What the app says about the person; passed with each stream that the page opens. */
    appToken: string;
    /** How often the page asked for camera or microphone. */
    devicesAsked: number;
  }
}

/** Runs in a page before its own scripts: adds an identity token to the requests for a stream. */
function signIn(token: string): void {
  [window.appToken, window.devicesAsked] = [token, 0];
  const { mediaDevices } = navigator;
  const open = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = (constraints) => {
    window.devicesAsked++;
    return open(constraints);
  };
  const send = window.fetch.bind(window);
  window.fetch = (input, init) => {
    const { body } = init ?? {};
    if (typeof input !== "string" || !input.endsWith("/Signal") || !(body instanceof Uint8Array))
      return send(input, init);
    const bytes = Array.from(new TextEncoder().encode(window.appToken));
    // Field 3 of the message in the envelope, which begins with a flag and the length of the message.
    const field = [0x1a, (bytes.length & 0x7f) | 0x80, bytes.length >> 7, ...bytes];
    const envelope = Uint8Array.from([...Array.from(body as Uint8Array), ...field]);
    new DataView(envelope.buffer).setUint32(1, envelope.length - 5);
    return send(input, { ...init, body: envelope });
  };
}

/** The pages of a browser profile are signed in at an app, as a page of the app with the same client would be. */
export async function signInAt(context: BrowserContext, claims: Record<string, unknown>): Promise<void> {
  await context.addInitScript(signIn, await identityToken(claims));
}
