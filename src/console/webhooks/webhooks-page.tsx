import { Scope, type WebhookReceiver } from "../../../gen/satoshigle/internal/v1/monitoring_pb.js";
import { Moment } from "../parts/moment.js";
import { useSamples } from "../status/use-samples.js";
import { TableHead } from "../parts/table-head.js";
import type { MonitoringClient } from "../status/watch-stats.js";

const COLUMNS = ["Receiver", "State", "Last error", "Next attempt", "Last success", "Oldest event not delivered"];

/** The receivers of webhooks, as the instances that send to them have stored it. */
export function WebhooksPage({ client }: { client: MonitoringClient }) {
  const { samples, isStale } = useSamples(client, Scope.CLUSTER);
  const stats = samples.at(-1);
  return (
    <>
      <div class="heading">
        <h1>Webhooks</h1>
        <p class="soft">updated every five seconds</p>
      </div>
      {isStale && (
        <p class="problem" role="alert">
          No data: this instance or the store is unreachable.
        </p>
      )}
      <section class="panel list" aria-label="Receivers" tabIndex={0} aria-busy={!stats && !isStale}>
        {!stats && !isStale && <p class="none">Loading…</p>}
        {stats?.webhooks.length === 0 && (
          <p class="none">No receivers: WEBHOOK_URLS is empty, or the store is unreachable.</p>
        )}
        {stats && stats.webhooks.length > 0 && <Receivers receivers={stats.webhooks} />}
      </section>
    </>
  );
}

/** The failing ones first, those that fail the longest above. */
function Receivers({ receivers }: { receivers: readonly WebhookReceiver[] }) {
  const since = ({ failingSince }: WebhookReceiver) => Number(failingSince?.seconds ?? Infinity);
  const sorted = receivers.toSorted((a, b) => (since(a) === since(b) ? 0 : since(a) - since(b)));
  return (
    <table>
      <caption class="unseen">Receivers</caption>
      <TableHead columns={COLUMNS} />
      <tbody>
        {sorted.map((receiver) => (
          <Row key={receiver.name} receiver={receiver} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ receiver }: { receiver: WebhookReceiver }) {
  const { name, failureCount, problem, failingSince, nextAttemptTime, lastSuccessTime, oldestPendingTime } = receiver;
  return (
    <tr data-receiver={name}>
      <th scope="row" class="text">
        {name}
      </th>
      <td data-label="State">
        {failureCount === 0 ? (
          <span class="state" data-state="ready">
            Delivering
          </span>
        ) : (
          <>
            <span class="state" data-state="away">
              Failing
            </span>
            <small>
              {failureCount} {failureCount === 1 ? "failure" : "failures"}, the first <Moment at={failingSince} />
            </small>
          </>
        )}
      </td>
      <td class="text" data-label="Last error">
        {problem || "–"}
      </td>
      <td data-label="Next attempt">
        <Moment at={nextAttemptTime} />
      </td>
      <td data-label="Last success">
        <Moment at={lastSuccessTime} />
      </td>
      <td data-label="Oldest event not delivered">{oldestPendingTime ? <Moment at={oldestPendingTime} /> : "none"}</td>
    </tr>
  );
}
