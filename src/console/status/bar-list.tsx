import { formatCount } from "./format.js";

export interface Bar {
  name: string;
  count: number;
}

const MAX_BARS = 8;

/** Counts as bars. Expects the highest count first. */
export function BarList({ name, title, bars }: { name: string; title: string; bars: readonly Bar[] }) {
  const shown = bars.slice(0, MAX_BARS);
  const top = Math.max(...shown.map(({ count }) => count), 1);
  return (
    <section class={`panel ${name}`}>
      <h2>
        {title} <small>last minute</small>
      </h2>
      <ol class="bars" data-list={name}>
        {shown.map((bar) => (
          <li key={bar.name}>
            <span class="bar" style={{ width: `${String((100 * bar.count) / top)}%` }} />
            <span>{bar.name}</span>
            <span>{formatCount(bar.count)}</span>
          </li>
        ))}
        {shown.length === 0 && <li class="none">none</li>}
      </ol>
    </section>
  );
}
