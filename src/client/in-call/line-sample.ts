import { isRelayed, type PathEntry, selectedPair } from "../call/candidate-pair.js";

/** The state of the line between the two browsers in the last seconds. Undefined: not known, as in some browsers. */
export interface LineSample {
  /** The share of sent packets that the partner did not receive, 0 to 1: of all media, and of the sound alone. */
  sentLoss: number | undefined;
  sentSoundLoss: number | undefined;
  /** The share of the partner's packets that did not arrive. */
  receivedLoss: number | undefined;
  roundTripMs: number | undefined;
  /** How much this side can send, as the browser estimates. */
  sendableBps: number | undefined;
  /** The processor is too slow for the picture. */
  isBusy: boolean;
  isRelayed: boolean;
}

/** Counters at a moment, to compute the loss since then. */
export interface PacketCount {
  received: number;
  lost: number;
}

/** The fields of the standard's dictionaries that are read here. */
interface Entry extends PathEntry {
  kind?: string;
  packetsReceived?: number;
  packetsLost?: number;
  fractionLost?: number;
  roundTripTime?: number;
  qualityLimitationReason?: string;
  currentRoundTripTime?: number;
  availableOutgoingBitrate?: number;
}

/** Reads a report. `before` are the counters of the previous one. */
export function readLine(report: RTCStatsReport, before: PacketCount | undefined): [LineSample, PacketCount] {
  const entries = [...(report as unknown as Map<string, Entry>).values()];
  const ofType = (type: string) => entries.filter((entry) => entry.type === type);
  const sent = ofType("remote-inbound-rtp");
  const pair = selectedPair(entries);
  const count = countPackets(ofType("inbound-rtp"));
  const roundTripSeconds = pair?.currentRoundTripTime ?? highest(sent.map((entry) => entry.roundTripTime));
  const sample = {
    sentLoss: highest(sent.map((entry) => entry.fractionLost)),
    sentSoundLoss: sent.find(({ kind }) => kind === "audio")?.fractionLost,
    receivedLoss: before && lossBetween(before, count),
    roundTripMs: roundTripSeconds === undefined ? undefined : roundTripSeconds * 1_000,
    sendableBps: pair?.availableOutgoingBitrate,
    isBusy: ofType("outbound-rtp").some((entry) => entry.qualityLimitationReason === "cpu"),
    isRelayed: pair !== undefined && isRelayed(entries, pair),
  };
  return [sample, count];
}

function countPackets(inbound: Entry[]): PacketCount {
  const sum = (field: "packetsReceived" | "packetsLost") =>
    inbound.reduce((total, entry) => total + (entry[field] ?? 0), 0);
  return { received: sum("packetsReceived"), lost: sum("packetsLost") };
}

/** Packets that arrive late reduce the counter of lost ones. */
function lossBetween(before: PacketCount, now: PacketCount): number | undefined {
  const lost = Math.max(0, now.lost - before.lost);
  const received = now.received - before.received;
  return received < 0 || received + lost === 0 ? undefined : lost / (received + lost);
}

function highest(values: (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
