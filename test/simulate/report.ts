import { CLASSES } from "./crowd.js";
import type { ClassFigures, Figures } from "./figures.js";
import type { LogHistogram } from "./log-histogram.js";
import type { SimulatedDay } from "./simulation.js";

type Row = Record<string, string>;

/** What happened on a day, as one row for each figure. */
export function dayRows({ figures, wallMs, cpuMs }: SimulatedDay): Row[] {
  const people = figures.total("people");
  const matches = figures.offerers;
  const rows: [string, string][] = [
    ["people", whole(people)],
    ["most people online at a time", whole(figures.peakOnline)],
    ["matches", whole(matches)],
    ["most matches in a second", whole(figures.peakMatchesPerSecond)],
    ["people who left without a match", percent(figures.total("unmatched") / people)],
    ["waits that ended because patience did", percent(figures.total("givenUp") / (2 * matches))],
    ["matches for which interests or country gave way, of sides that named any", gaveWay(figures)],
    ["time online of a person, in seconds", (figures.onlineMs / people / 1_000).toFixed(0)],
    ["share of that time in chats", percent(figures.chatMs / figures.onlineMs)],
    ["matches a second per 1,000 people online", matchesPerThousand(figures).toFixed(2)],
    ["wall time, in seconds", (wallMs / 1_000).toFixed(0)],
    ["CPU time, in seconds", (cpuMs / 1_000).toFixed(0)],
    ["matches per CPU second", whole(matches / (cpuMs / 1_000))],
    ["most memory of the process, in MB", whole(process.resourceUsage().maxRSS / 1_000)],
  ];
  return rows.map(([figure, value]) => ({ figure, value }));
}

/** The waits of each class, and of all. */
export function classRows(figures: Figures): Row[] {
  const rows = CLASSES.map((kind) => classRow(kind, figures.classes[kind]));
  const everybody = { people: figures.total("people"), unmatched: figures.total("unmatched") };
  const longestMs = Math.max(...CLASSES.map((kind) => figures.classes[kind].longestMs));
  return [
    ...rows,
    {
      class: "all",
      ...waitCells(figures.allWaits()),
      ...restCells({ ...everybody, longestMs }),
      "gave way": gaveWay(figures),
    },
  ];
}

/** How the waits of the classes change with `WIDEN_AFTER_MS`. */
export function wideningRows(days: ReadonlyMap<number, Figures>): Row[] {
  const columns = ["class", "p50, s", "p90, s", "p99, s", "unmatched", "gave way"];
  return [...days].flatMap(([widenAfterMs, figures]) =>
    classRows(figures).map((row) => ({
      WIDEN_AFTER_MS: whole(widenAfterMs),
      ...Object.fromEntries(columns.map((column) => [column, row[column] ?? ""])),
    })),
  );
}

/** How many chats begin in a second for each thousand people who are online, on average. */
export function matchesPerThousand({ offerers, onlineMs }: Figures): number {
  return (offerers / (onlineMs / 1_000)) * 1_000;
}

function classRow(kind: string, figures: ClassFigures): Row {
  return {
    class: kind,
    ...waitCells(figures.waits),
    ...restCells(figures),
    "gave way": share(figures.gaveWay, figures.soft),
  };
}

function waitCells(waits: LogHistogram): Row {
  const cells = [0.5, 0.9, 0.99].map((one) => [`p${String(one * 100)}, s`, seconds(waits.percentile(one))]);
  return { ...(Object.fromEntries(cells) as Row), "max, s": seconds(waits.max) };
}

function restCells({ people, unmatched, longestMs }: Pick<ClassFigures, "people" | "unmatched" | "longestMs">): Row {
  return { "longest wait, s": seconds(longestMs), people: whole(people), unmatched: share(unmatched, people) };
}

function gaveWay(figures: Figures): string {
  return share(figures.total("gaveWay"), figures.total("soft"));
}

function share(part: number, of: number): string {
  return of === 0 ? "" : percent(part / of);
}

function percent(value: number): string {
  return `${(100 * value).toFixed(2)} %`;
}

function seconds(valueMs: number): string {
  const value = valueMs / 1_000;
  return value.toFixed(value < 10 ? 2 : 1);
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}
