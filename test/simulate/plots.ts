import { type Axis, drawChart } from "./chart.js";
import { CLASSES } from "./crowd.js";
import type { Figures } from "./figures.js";
import type { LogHistogram } from "./log-histogram.js";

/** Waits are drawn on a logarithmic axis; shorter ones at its lower end. */
const waits: Axis = {
  title: "seconds of waiting (logarithmic)",
  ticks: [0.1, 0.3, 1, 3, 10, 30, 100],
  label: String,
  isLogarithmic: true,
};
const SHARES = [0.5, 0.9, 0.99];
const ONLINE_COLOUR = 6;

/** The percentiles of the time to a match by hour, and how many people are online. */
export function hoursPlot({ hours, peakOnline }: Figures): string {
  const step = 10 ** Math.floor(Math.log10(Math.max(peakOnline, 10))) / 2;
  const ticks = Array.from({ length: Math.ceil(peakOnline / step) + 1 }, (_, index) => index * step);
  const percentiles = SHARES.map((share, index) => ({
    name: `p${String(share * 100)} of the wait`,
    values: hours.map((hour) => secondsOf(hour.waits, share)),
    colour: index + 1,
  }));
  const online = {
    name: "people online, at most",
    values: hours.map((hour) => hour.peakOnline),
    ...{ colour: ONLINE_COLOUR, isRight: true },
  };
  return drawChart({
    title: "Time to a match by the hour of the day",
    description: "The more people are online, the shorter are the waits. Values below 0.1 seconds are drawn at 0.1.",
    x: { title: "hour of the day", labels: hours.map((_, hour) => String(hour)) },
    left: waits,
    right: { title: "people online", ticks, label: (value) => value.toLocaleString("en") },
    series: [...percentiles, online],
  });
}

/** The 90th percentile of the time to a match by class, for values of `WIDEN_AFTER_MS`. */
export function wideningPlot(days: ReadonlyMap<number, Figures>): string {
  return drawChart({
    title: "Effect of WIDEN_AFTER_MS on the wait that nine of ten matches take at most",
    description:
      "The later filters give way, the longer people with interests wait, and the less often they meet others.",
    x: { title: "WIDEN_AFTER_MS", labels: [...days.keys()].map((value) => value.toLocaleString("en")) },
    left: waits,
    series: CLASSES.map((kind, index) => ({
      name: kind,
      values: [...days.values()].map(({ classes }) => secondsOf(classes[kind].waits, 0.9)),
      colour: index + 1,
    })),
  });
}

/** Undefined if nobody waited. */
function secondsOf(waits: LogHistogram, share: number): number | undefined {
  return waits.count === 0 ? undefined : waits.percentile(share) / 1_000;
}
