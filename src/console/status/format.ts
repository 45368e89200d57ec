const decimals = (maximumFractionDigits: number) => new Intl.NumberFormat("en", { maximumFractionDigits });
const whole = decimals(0);
const tenths = decimals(1);

export function formatCount(value: number): string {
  return whole.format(value);
}

export function formatRate(value: number): string {
  return tenths.format(value);
}

export function formatShare(value: number): string {
  return `${tenths.format(value * 100)}%`;
}

export function formatCores(value: number): string {
  return `${value.toFixed(2)} cores`;
}

export function formatBytes(value: number): string {
  return `${whole.format(value / 1024 ** 2)} MiB`;
}

/** A duration in the unit that suits its size, with two or three significant digits. */
export function formatDuration(seconds: number): string {
  if (seconds < 0.001) return `${String(Math.round(seconds * 1e6))} µs`;
  if (seconds < 1) return `${(seconds * 1000).toPrecision(seconds < 0.1 ? 2 : 3)} ms`;
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`;
}
