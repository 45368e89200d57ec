import { timestampDate } from "@bufbuild/protobuf/wkt";
import { useState } from "preact/hooks";
import { Scope, type Stats } from "../../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { BarList } from "./bar-list.js";
import { type Figure, SYSTEM, TILES } from "./figures.js";
import "./status.css";
import { Timings } from "./timings.js";
import { Trend } from "./trend.js";
import { useSamples } from "./use-samples.js";
import type { MonitoringClient } from "./watch-stats.js";

const SCOPES = [
  { scope: Scope.CLUSTER, name: "cluster", title: "All instances" },
  { scope: Scope.INSTANCE, name: "instance", title: "This instance" },
] as const;

/** The state of the service and its figures for the last minutes, on one screen. */
export function StatusPage({ client }: { client: MonitoringClient }) {
  const [scope, setScope] = useState<Scope>(Scope.CLUSTER);
  const { samples, isStale } = useSamples(client, scope);
  const stats = samples.at(-1);
  const { state, text } = stateOf(stats, isStale);
  return (
    <>
      <div class="heading">
        <h1>Status</h1>
        <p class="state" data-state={state} role="status">
          {text}
        </p>
        <div class="scopes" role="group" aria-label="Scope">
          {SCOPES.map(({ scope: own, name, title }) => (
            <button
              key={name}
              type="button"
              data-scope={name}
              aria-pressed={own === scope}
              onClick={() => setScope(own)}
            >
              {title}
            </button>
          ))}
        </div>
        <p class="soft updated">Last 5 minutes{stats?.createTime && <Updated stats={stats} />}</p>
      </div>
      <div class="dashboard" data-stale={isStale}>
        <div class="tiles">
          {TILES.map((figure) => (
            <Tile key={figure.name} figure={figure} samples={samples} />
          ))}
        </div>
        <Timings samples={samples} />
        <System stats={stats} />
        <Lists stats={stats} />
      </div>
    </>
  );
}

function stateOf(stats: Stats | undefined, isStale: boolean): { state: "unknown" | "ready" | "away"; text: string } {
  if (isStale) return { state: "away", text: "No data: this instance or the store is unreachable" };
  if (!stats) return { state: "unknown", text: "Connecting…" };
  return stats.ready ? { state: "ready", text: "Ready" } : { state: "away", text: "Not accepting new streams" };
}

function Updated({ stats: { createTime } }: { stats: Stats }) {
  if (!createTime) return null;
  const date = timestampDate(createTime);
  return (
    <>
      {" · updated "}
      <time dateTime={date.toISOString()}>{date.toLocaleTimeString()}</time>
    </>
  );
}

function valueOf({ read, format }: Figure, stats: Stats | undefined): string {
  const value = stats && read(stats);
  return value === undefined ? "–" : format(value);
}

function Tile({ figure, samples }: { figure: Figure; samples: readonly Stats[] }) {
  return (
    <article class="panel tile">
      <h2>
        {figure.title} <small>{figure.note}</small>
      </h2>
      <p class="number" data-figure={figure.name}>
        {valueOf(figure, samples.at(-1))}
      </p>
      <Trend values={samples.map((stats) => figure.read(stats))} />
    </article>
  );
}

function System({ stats }: { stats: Stats | undefined }) {
  return (
    <section class="panel system">
      <h2>System</h2>
      <dl class="facts">
        {SYSTEM.map((figure) => (
          <div key={figure.name}>
            <dt>{figure.title}</dt>
            <dd data-figure={figure.name}>{valueOf(figure, stats)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const words = (name: string) => name.replaceAll("_", " ");

function Lists({ stats }: { stats: Stats | undefined }) {
  const ends = stats?.ends.map(({ reason, sideCount }) => ({ name: words(reason), count: Number(sideCount) }));
  const refusals = stats?.refusals.map(({ method, code, callCount }) => ({
    name: `${method}: ${words(code)}`,
    count: Number(callCount),
  }));
  const sheds = stats?.sheds.map(({ cause, sessionCount }) => ({ name: cause, count: Number(sessionCount) }));
  return (
    <>
      <BarList name="ends" title="Match endings" bars={ends ?? []} />
      <BarList name="refusals" title="Refused API calls" bars={refusals ?? []} />
      <BarList name="sheds" title="Refused sessions" bars={sheds ?? []} />
    </>
  );
}
