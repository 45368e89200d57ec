/** The look of the status page. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --bg: #f6f0f4; --surface: #fffcfd; --line: #decfdf; --ink: #2a1c33; --soft: #67566f;
  --accent: #6d3fc4; --good: #1c7f53; --bad: #b3263f; --area: rgb(109 63 196 / 14%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #17111c; --surface: #231a2a; --line: #3d3046; --ink: #f5edf6; --soft: #bcabc5;
    --accent: #c9adff; --good: #6fd3a3; --bad: #ff8095; --area: rgb(201 173 255 / 16%);
  }
}
* { box-sizing: border-box; margin: 0; }
body {
  min-height: 100vh; padding: 1.25rem; background: var(--bg); color: var(--ink);
  font: 0.9375rem/1.4 ui-sans-serif, "Segoe UI", Roboto, Ubuntu, Cantarell, "Noto Sans", "Liberation Sans", sans-serif;
  font-variant-numeric: tabular-nums;
}
header { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 1rem; margin-bottom: 1rem; }
h1 { font-size: 1.25rem; line-height: 1.2; }
h2 { font-size: 0.9375rem; font-weight: 600; }
small { font-size: 0.8125rem; font-weight: 400; color: var(--soft); }
.state { padding: 0.125rem 0.75rem; border: 1px solid currentcolor; border-radius: 1rem; color: var(--soft); font-weight: 600; }
.state[data-state="ready"] { color: var(--good); }
.state[data-state="away"] { color: var(--bad); }
.scopes { display: flex; border: 1px solid var(--line); border-radius: 0.5rem; overflow: hidden; }
.scopes button { padding: 0.375rem 0.75rem; border: 0; background: none; color: var(--soft); font: inherit; cursor: pointer; }
.scopes button[aria-pressed="true"] { background: var(--surface); color: var(--ink); font-weight: 600; }
.scopes button:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.when { margin-left: auto; color: var(--soft); font-size: 0.8125rem; }
main { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 0.75rem; }
.tiles { grid-column: 1 / -1; display: grid; grid-template-columns: subgrid; gap: 0.75rem; }
.tile, .panel { padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 0.75rem; background: var(--surface); }
.tile { display: flex; flex-direction: column; }
.number { font-size: 1.75rem; font-weight: 600; line-height: 1.3; }
.course { display: block; width: 100%; height: clamp(2rem, 7vh, 6rem); margin-top: auto; overflow: visible; }
.course path { vector-effect: non-scaling-stroke; }
.line { fill: none; stroke: var(--accent); stroke-width: 1.5; stroke-linejoin: round; }
.area { fill: var(--area); }
.times { grid-column: span 3; }
table { width: 100%; margin-top: 0.375rem; border-collapse: collapse; }
th, td { padding: 0.3125rem 0.5rem; border-top: 1px solid var(--line); text-align: right; white-space: nowrap; }
thead th, thead td { border: 0; padding-top: 0; color: var(--soft); font-size: 0.8125rem; font-weight: 400; }
tr > :first-child { padding-left: 0; text-align: left; }
tr > :last-child { padding-right: 0; }
tbody th { width: 100%; font-weight: 600; }
.times .course-cell { min-width: 10rem; text-align: left; }
.times .course { height: 1.25rem; }
.count { color: var(--soft); }
.facts { display: grid; gap: 0.375rem; margin-top: 0.5rem; }
.facts div { display: flex; justify-content: space-between; gap: 1rem; padding-top: 0.375rem; border-top: 1px solid var(--line); }
.facts dt { color: var(--soft); }
.facts dd { font-weight: 600; }
.bars { margin-top: 0.5rem; padding: 0; list-style: none; }
.bars li { position: relative; display: flex; justify-content: space-between; gap: 1rem; padding: 0.125rem 0.5rem; }
.bars li + li { margin-top: 0.25rem; }
.bars li > span { position: relative; overflow-wrap: anywhere; }
.bars .bar { position: absolute; inset: 0 auto 0 0; border-radius: 0.25rem; background: var(--area); }
.bars .none { padding: 0; color: var(--soft); }
.ends { grid-column: span 2; }
@media (max-width: 64rem) {
  main { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .times, .panel { grid-column: 1 / -1; }
}
@media (max-width: 40rem) {
  body { padding: 0.75rem; }
  .when { margin-left: 0; }
  .tile { padding: 0.625rem 0.75rem; }
  .number { font-size: 1.375rem; }
  .tile small, tbody th small { display: block; }
  .times .course-cell, .times .count { display: none; }
  tr > :nth-child(4) { padding-right: 0; }
  tbody th { white-space: normal; }
}
`;
