import { within } from "./deadline.js";
import type { WayCheck } from "./types.js";

/** Whether a STUN server reports a public address of this browser. */
export async function checkStun(urls: readonly string[], timeoutMs: number): Promise<WayCheck> {
  if (urls.length === 0) return { status: "unavailable" };
  const connection = new RTCPeerConnection({ iceServers: [{ urls: [...urls] }] });
  try {
    return await within(gather(connection), timeoutMs, { status: "failed" });
  } finally {
    connection.close();
  }
}

/** Browsers omit a public address that equals their own, so the end of gathering without an error is a success too. */
async function gather(connection: RTCPeerConnection): Promise<WayCheck> {
  const startMs = performance.now();
  const found = new Promise<WayCheck>((resolve) => {
    let errors = 0;
    connection.addEventListener("icecandidateerror", () => errors++);
    connection.addEventListener("icecandidate", ({ candidate }) => {
      // Its field `type` is missing in older browsers.
      if (candidate?.candidate.includes(" typ srflx"))
        resolve({ status: "ok", roundTripMs: performance.now() - startMs });
      if (!candidate) resolve({ status: errors > 0 ? "failed" : "ok" });
    });
  });
  connection.createDataChannel("check");
  await connection.setLocalDescription();
  return found;
}
