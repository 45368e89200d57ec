import { exponential, type Random } from "./distributions.js";

const HOUR_MS = 3_600_000;
const STEP_MS = 60_000;

/**
 * The times of arrivals on one day, in milliseconds since midnight: a Poisson process whose rate changes with the hour.
 * Arrivals of a process of rate 1 are stretched by the expected number of arrivals up to each minute.
 */
export function* arrivalTimes(hourly: readonly number[], people: number, random: Random): Generator<number, undefined> {
  const steps = (hourly.length * HOUR_MS) / STEP_MS;
  const rates = Array.from({ length: steps }, (_, step) => rateAt(hourly, (step + 0.5) * STEP_MS));
  const total = rates.reduce((sum, rate) => sum + rate, 0);
  let next = exponential(random);
  let before = 0;
  for (const [step, rate] of rates.entries()) {
    const expected = (people * rate) / total;
    while (next < before + expected) {
      yield (step + (next - before) / expected) * STEP_MS;
      next += exponential(random);
    }
    before += expected;
  }
  return undefined;
}

/** Linear between the middles of the hours; the day follows itself. */
function rateAt(hourly: readonly number[], atMs: number): number {
  const position = atMs / HOUR_MS - 0.5 + hourly.length;
  const index = Math.floor(position);
  const valueAt = (hour: number) => hourly[hour % hourly.length] ?? 0;
  return valueAt(index) + (valueAt(index + 1) - valueAt(index)) * (position - index);
}
