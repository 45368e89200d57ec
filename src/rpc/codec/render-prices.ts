import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { MinutePrices } from "../../core/price.js";

/** Renders what the two sides ask for a minute, if they do. */
export function renderPrices(prices: MinutePrices | undefined, nowMs: number) {
  if (prices === undefined) return {};
  const { ownMsat, partnerMsat, startMs } = prices;
  const times = { startTime: timestampFromMs(startMs), serverTime: timestampFromMs(nowMs) };
  return { minutePrices: { ownMsat: BigInt(ownMsat), partnerMsat: BigInt(partnerMsat), ...times } };
}
