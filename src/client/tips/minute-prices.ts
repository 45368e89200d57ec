import { fromBinary, type UnknownField } from "@bufbuild/protobuf";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { MinutePricesSchema, type MinutePrices as WirePrices } from "./gen/satoshigle/v1/event_pb.js";

/** The number of `minute_prices` in `Matched` and in `InMatch`, which the code at the start of a page does not know. */
export const PRICES_FIELD = 12;

/** What the two sides of a match ask for a minute, in millisatoshis. */
export interface MinutePrices {
  partnerMsat: number;
  ownMsat: number;
  /** When the match began, by the server's clock, in milliseconds. */
  startMs: number;
}

/** Reads the prices of a match; undefined if neither side asks for anything, or if nothing can be read. */
export function readPrices(fields: readonly UnknownField[]): MinutePrices | undefined {
  const data = fields.find(({ no }) => no === PRICES_FIELD)?.data;
  if (!data) return undefined;
  try {
    const prices = fromBinary(MinutePricesSchema, new BinaryReader(data).bytes());
    const startMs = toMs(prices.startTime);
    return { partnerMsat: Number(prices.partnerMsat), ownMsat: Number(prices.ownMsat), startMs };
  } catch {
    return undefined;
  }
}

/** The library has a function for this, which the page would then load apart from the rest of the library. */
function toMs(time: WirePrices["startTime"]): number {
  return time ? Number(time.seconds) * 1_000 + time.nanos / 1_000_000 : 0;
}
