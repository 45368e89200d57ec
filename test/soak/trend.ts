/** A value, when it was measured, and how much there was to do. */
export interface Point {
  minutes: number;
  value: number;
  /** Such as the number of streams, which takes part of the value. */
  load: number;
}

export interface Trend {
  /**
   * Median change per minute between any two points (Theil and Sen), without what the load explains: outliers do not move
   * it.
   */
  slope: number;
  /** Kendall's tau, from -1 to 1. At 1, every value is above all earlier ones. */
  steadiness: number;
}

/** How values change over time, were the load the same. */
export function trendOf(points: readonly Point[]): Trend {
  const each = shareOfLoad(points);
  const slopes: number[] = [];
  points.forEach((a, index) => {
    for (const b of points.slice(index + 1)) {
      slopes.push((b.value - a.value - each * (b.load - a.load)) / (b.minutes - a.minutes));
    }
  });
  const sorted = slopes.sort((a, b) => a - b);
  const rising = slopes.filter((slope) => slope > 0).length;
  const falling = slopes.filter((slope) => slope < 0).length;
  return {
    slope: sorted[Math.floor(sorted.length / 2)] ?? 0,
    steadiness: slopes.length === 0 ? 0 : (rising - falling) / slopes.length,
  };
}

/** What each unit of load adds to the value, by least squares over time and load. */
function shareOfLoad(points: readonly Point[]): number {
  const mean = (pick: (point: Point) => number) => points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [time, load, value] = [
    mean(({ minutes }) => minutes),
    mean((point) => point.load),
    mean((point) => point.value),
  ];
  const sum = (one: (point: Point) => number, other: (point: Point) => number) =>
    points.reduce((total, point) => total + one(point) * other(point), 0);
  const [dTime, dLoad, dValue] = [
    ({ minutes }: Point) => minutes - time,
    (point: Point) => point.load - load,
    (point: Point) => point.value - value,
  ];
  const [tt, ll, tl, tv, lv] = [
    sum(dTime, dTime),
    sum(dLoad, dLoad),
    sum(dTime, dLoad),
    sum(dTime, dValue),
    sum(dLoad, dValue),
  ];
  const determinant = tt * ll - tl * tl;
  return determinant > tt * ll * 1e-6 ? (lv * tt - tv * tl) / determinant : 0;
}
