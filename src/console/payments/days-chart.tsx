import { useState } from "preact/hooks";
import { formatMsat } from "../parts/amount.js";
import { type Day, type Sum, sumUp } from "./days.js";

const HEIGHT = 100;
/** The width of a day, and of its bar. */
const STEP = 10;
const BAR = 7;

/** What was paid on each day as a bar, the proved part below. The same figures are in a table. */
export function DaysChart({ days }: { days: readonly Day[] }) {
  const [isTable, setTable] = useState(false);
  const proved = sumUp(days.map((day) => day.proved));
  const unproved = sumUp(days.map((day) => day.unproved));
  const top = days.reduce((most, day) => Math.max(most, Number(day.proved.msat + day.unproved.msat)), 1);
  const heightOf = ({ msat }: Sum) => (HEIGHT * Number(msat)) / top;
  return (
    <section class="panel days" aria-labelledby="days">
      <h2 id="days">
        Totals by day <small>UTC, the last {days.length} days</small>
      </h2>
      <dl class="summary">
        <Total name="proved" title="Proved by the payer" sum={proved} />
        <Total name="unproved" title="Only confirmed by the payee" sum={unproved} />
      </dl>
      <svg
        viewBox={`0 0 ${String(days.length * STEP)} ${String(HEIGHT)}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Bars by day: ${formatMsat(proved.msat)} proved, ${formatMsat(unproved.msat)} only confirmed, at most ${formatMsat(BigInt(top === 1 ? 0 : top))} in a day`}
      >
        {days.map((day, index) => {
          const [low, high] = [heightOf(day.proved), heightOf(day.unproved)];
          const x = index * STEP + (STEP - BAR) / 2;
          return (
            <g key={day.day} data-day={day.day}>
              <title>{wordsOf(day)}</title>
              <rect class="proved" x={x} y={HEIGHT - low} width={BAR} height={low} />
              <rect class="unproved" x={x} y={HEIGHT - low - high} width={BAR} height={high} />
            </g>
          );
        })}
      </svg>
      <p class="ends-of-bar soft">
        <span>{days[0]?.day}</span>
        <span>{days.at(-1)?.day}</span>
      </p>
      <div class="buttons">
        <button type="button" aria-expanded={isTable} onClick={() => setTable(!isTable)}>
          Figures by day
        </button>
      </div>
      {isTable && <Figures days={days} />}
    </section>
  );
}

function Total({ name, title, sum }: { name: string; title: string; sum: Sum }) {
  return (
    <div>
      <dt>
        <span class={`key-of-bar ${name}`} /> {title}
      </dt>
      <dd data-total={name}>{amountOf(sum)}</dd>
    </div>
  );
}

function Figures({ days }: { days: readonly Day[] }) {
  return (
    <div class="list">
      <table>
        <caption class="unseen">totals by day</caption>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col">Proved</th>
            <th scope="col">Only confirmed</th>
          </tr>
        </thead>
        <tbody>
          {days.toReversed().map(({ day, proved, unproved }) => (
            <tr key={day}>
              <th scope="row">{day}</th>
              <td data-label="Proved">{amountOf(proved)}</td>
              <td data-label="Only confirmed">{amountOf(unproved)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const wordsOf = ({ day, proved, unproved }: Day) =>
  `${day}: ${amountOf(proved)} proved, ${amountOf(unproved)} only confirmed`;

/** Such as `1,500 sat in 3 tips`. */
function amountOf({ count, msat }: Sum): string {
  return `${formatMsat(msat)} in ${String(count)} ${count === 1n ? "tip" : "tips"}`;
}
