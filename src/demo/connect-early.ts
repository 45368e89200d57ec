import type { SatoshigleClient } from "@satoshigle/client";
import { areDevicesPermitted } from "./device-permission.js";

/**
 * Connects when the page loads instead of when Start is pressed, which saves several round trips. Not over HTTP/1.1,
 * where the stream would take one of the six connections that the browser opens to a host. If camera and
 * microphone are already permitted, the first call is prepared as well.
 */
export async function connectEarly(client: SatoshigleClient): Promise<void> {
  if (document.hidden || !isMultiplexed()) return;
  const prepareCall = await areDevicesPermitted();
  // An error is repeated when Start is pressed, and reported then.
  await client.connect({ prepareCall }).catch(() => undefined);
}

function isMultiplexed(): boolean {
  const [page] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return page !== undefined && /^h[23]/.test(page.nextHopProtocol);
}
