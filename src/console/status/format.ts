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
  const milliseconds = seconds * 1000;
  if (milliseconds < 0.9995) return `${(seconds * 1e6).toFixed(0)} µs`;
  if (milliseconds < 999.5) return `${milliseconds.toFixed(milliseconds < 9.95 ? 1 : 0)} ms`;
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`;
}
