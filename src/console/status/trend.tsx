import { SAMPLES_KEPT } from "./use-samples.js";

const WIDTH = 120;
const HEIGHT = 32;
const STEP = WIDTH / (SAMPLES_KEPT - 1);

type Values = readonly (number | undefined)[];

/** A sparkline from zero to the maximum, with the latest value on the right. Unknown values leave a gap. */
export function Trend({ values }: { values: Values }) {
  const top = Math.max(...values.map((value) => value ?? 0), Number.MIN_VALUE);
  const x = (index: number) => (WIDTH - (values.length - 1 - index) * STEP).toFixed(2);
  const y = (value: number) => (HEIGHT - 1 - (value / top) * (HEIGHT - 2)).toFixed(2);
  const lines = runsOf(values).map(({ first, run }) => ({
    line: run.map((value, offset) => `${x(first + offset)} ${y(value)}`).join(" L"),
    left: x(first),
    right: x(first + run.length - 1),
  }));
  const bottom = String(HEIGHT);
  return (
    <svg class="trend" viewBox={`0 0 ${String(WIDTH)} ${bottom}`} preserveAspectRatio="none" aria-hidden="true">
      <path
        class="area"
        d={lines.map(({ line, left, right }) => `M${left} ${bottom} L${line} L${right} ${bottom} Z`).join(" ")}
      />
      <path class="line" d={lines.map(({ line }) => `M${line}`).join(" ")} />
    </svg>
  );
}

/** Runs of consecutive known values. */
function runsOf(values: Values): { first: number; run: number[] }[] {
  const runs: { first: number; run: number[] }[] = [];
  values.forEach((value, index) => {
    if (value === undefined) return;
    const latest = runs.at(-1);
    if (latest && latest.first + latest.run.length === index) latest.run.push(value);
    else runs.push({ first: index, run: [value] });
  });
  return runs;
}
