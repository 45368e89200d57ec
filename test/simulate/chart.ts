/** A line of a chart. A value that is undefined leaves a gap. */
export interface Series {
  name: string;
  values: readonly (number | undefined)[];
  /** The class of its colour, from 1 to 6. */
  colour: number;
  /** Whether it belongs to the axis on the right. */
  isRight?: boolean;
}

export interface Axis {
  title: string;
  ticks: readonly number[];
  label: (value: number) => string;
  isLogarithmic?: boolean;
}

export interface Chart {
  title: string;
  /** What it shows, for those who do not see it. */
  description: string;
  x: { title: string; labels: readonly string[] };
  left: Axis;
  right?: Axis;
  series: readonly Series[];
}

const [WIDTH, HEIGHT] = [860, 440];
const AREA = { left: 78, right: 78, top: 92, bottom: 62 };
const INNER = { width: WIDTH - AREA.left - AREA.right, height: HEIGHT - AREA.top - AREA.bottom };
const LEGEND = { columns: 3, y: 50, rowHeight: 20 };

/** Dark colours on light pages, light ones on dark pages. */
const STYLE = `
  :root { --back: #ffffff; --text: #26221f; --grid: #dcd6d0; }
  .c1 { --colour: #1f6fb2; } .c2 { --colour: #b4470f; } .c3 { --colour: #2f7d32; }
  .c4 { --colour: #7b3fa0; } .c5 { --colour: #a8174e; } .c6 { --colour: #6b6259; }
  @media (prefers-color-scheme: dark) {
    :root { --back: #16181b; --text: #e9e4de; --grid: #3c4147; }
    .c1 { --colour: #6cb8f5; } .c2 { --colour: #ff9d66; } .c3 { --colour: #7fd183; }
    .c4 { --colour: #cd9df0; } .c5 { --colour: #ff86b0; } .c6 { --colour: #b8aea4; }
  }
  text { fill: var(--text); font: 13px ui-sans-serif, system-ui, sans-serif; }
  .title { font-size: 17px; font-weight: 600; }
  .grid { stroke: var(--grid); }
  .line { stroke: var(--colour); stroke-width: 2.2; fill: none; }
  .dot { fill: var(--colour); }
  .right { stroke-dasharray: 6 4; }`;

/** Draws lines over a row of labels, as an SVG that fits light and dark pages. */
export function drawChart(chart: Chart): string {
  const { title, description, x, left, right, series } = chart;
  const parts = [
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(description)}</desc>`,
    `<style>${STYLE}\n</style>`,
    `<rect width="${String(WIDTH)}" height="${String(HEIGHT)}" rx="12" fill="var(--back)"/>`,
    text(title, { x: WIDTH / 2, y: 28, anchor: "middle", kind: "title" }),
    ...legend(series),
    ...left.ticks.flatMap((tick) => leftTick(left, tick)),
    ...(right?.ticks.map((tick) => tickText(right, tick, WIDTH - AREA.right + 8, "start")) ?? []),
    ...x.labels.map((label, index) =>
      text(label, { x: xAt(index, x.labels.length), y: HEIGHT - AREA.bottom + 20, anchor: "middle" }),
    ),
    text(x.title, { x: WIDTH / 2, y: HEIGHT - 14, anchor: "middle" }),
    sideTitle(left.title, 20),
    ...(right === undefined ? [] : [sideTitle(right.title, WIDTH - 10)]),
    ...series.flatMap((one) => drawSeries(one, one.isRight === true && right !== undefined ? right : left)),
  ];
  const size = `viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-labelledby="title desc">\n${parts.join("\n")}\n</svg>\n`;
}

function xAt(index: number, count: number): number {
  return AREA.left + (INNER.width * (index + 0.5)) / count;
}

/** Values outside of the ticks are drawn at the edge. */
function yAt({ ticks, isLogarithmic = false }: Axis, value: number): number {
  const scale = (one: number) => (isLogarithmic ? Math.log(one) : one);
  const [low, high] = [Math.min(...ticks), Math.max(...ticks)];
  const kept = Math.min(Math.max(value, low), high);
  return AREA.top + INNER.height * (1 - (scale(kept) - scale(low)) / (scale(high) - scale(low)));
}

function leftTick(axis: Axis, tick: number): string[] {
  const y = fixed(yAt(axis, tick));
  const grid = `<path class="grid" d="M${String(AREA.left)} ${y}H${String(WIDTH - AREA.right)}"/>`;
  return [grid, tickText(axis, tick, AREA.left - 8, "end")];
}

function tickText(axis: Axis, tick: number, x: number, anchor: string): string {
  return text(axis.label(tick), { x, y: yAt(axis, tick) + 4, anchor });
}

function legend(series: readonly Series[]): string[] {
  const width = INNER.width / LEGEND.columns;
  return series.flatMap(({ name, colour, isRight = false }, index) => {
    const x = AREA.left + (index % LEGEND.columns) * width;
    const y = LEGEND.y + Math.floor(index / LEGEND.columns) * LEGEND.rowHeight;
    const sample = `<path class="line c${String(colour)}${isRight ? " right" : ""}" d="M${fixed(x)} ${fixed(y)}h26"/>`;
    return [sample, text(name, { x: x + 34, y: y + 4, anchor: "start" })];
  });
}

function drawSeries({ values, colour, isRight = false }: Series, axis: Axis): string[] {
  const points = values.flatMap((value, index) =>
    value === undefined ? [] : [{ index, x: fixed(xAt(index, values.length)), y: fixed(yAt(axis, value)) }],
  );
  const path = points.map(({ index, x, y }) => `${values[index - 1] === undefined ? "M" : "L"}${x} ${y}`).join("");
  const dots = points.map(({ x, y }) => `<circle class="dot c${String(colour)}" cx="${x}" cy="${y}" r="3"/>`);
  return [`<path class="line c${String(colour)}${isRight ? " right" : ""}" d="${path}"/>`, ...dots];
}

function sideTitle(title: string, x: number): string {
  const y = AREA.top + INNER.height / 2;
  return text(title, { x, y, anchor: "middle", turn: `rotate(-90 ${String(x)} ${fixed(y)})` });
}

function text(
  content: string,
  { x, y, anchor, kind, turn }: { x: number; y: number; anchor: string; kind?: string; turn?: string },
): string {
  const rest = (kind === undefined ? "" : ` class="${kind}"`) + (turn === undefined ? "" : ` transform="${turn}"`);
  return `<text x="${fixed(x)}" y="${fixed(y)}" text-anchor="${anchor}"${rest}>${escaped(content)}</text>`;
}

function fixed(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
