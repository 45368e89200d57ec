import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";

const relative = new Intl.RelativeTimeFormat("en", { numeric: "always" });
const short = { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" } as const;
const ofThisYear = new Intl.DateTimeFormat(undefined, short);
const ofOthers = new Intl.DateTimeFormat(undefined, { ...short, year: "numeric" });

/** Units from the largest, with their length in seconds. */
const UNITS = [
  ["year", 31_536_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** A time: how far it is from now, and in full. */
export function Moment({ at }: { at: Timestamp | undefined }) {
  if (!at) return <>–</>;
  const date = timestampDate(at);
  const absolute = date.getFullYear() === new Date().getFullYear() ? ofThisYear : ofOthers;
  return (
    <time dateTime={date.toISOString()}>
      {distance((date.getTime() - Date.now()) / 1000)} <small>{absolute.format(date)}</small>
    </time>
  );
}

/** Such as `3 minutes ago` or `in 7 days`. Rounded to the nearest of a unit that there are two of. */
export function distance(seconds: number): string {
  const [unit, length] = UNITS.find(([, one]) => Math.abs(seconds) >= 2 * one) ?? UNITS[4];
  return relative.format(Math.round(seconds / length), unit);
}
