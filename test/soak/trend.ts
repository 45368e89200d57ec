/** A value and when it was measured. */
export interface Point {
  minutes: number;
  value: number;
}

export interface Trend {
  /** Median change per minute between any two points (Theil and Sen): outliers do not move it. */
  slope: number;
  /** Kendall's tau, from -1 to 1. At 1, every value is above all earlier ones. */
  steadiness: number;
}

/** How values change over time. */
export function trendOf(points: readonly Point[]): Trend {
  const slopes: number[] = [];
  points.forEach((a, index) => {
    for (const b of points.slice(index + 1)) slopes.push((b.value - a.value) / (b.minutes - a.minutes));
  });
  const sorted = slopes.sort((a, b) => a - b);
  const rising = slopes.filter((slope) => slope > 0).length;
  const falling = slopes.filter((slope) => slope < 0).length;
  return {
    slope: sorted[Math.floor(sorted.length / 2)] ?? 0,
    steadiness: slopes.length === 0 ? 0 : (rising - falling) / slopes.length,
  };
}
