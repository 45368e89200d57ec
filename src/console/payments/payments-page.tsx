import { type TipRecord, TipRecord_State as State } from "../../../gen/satoshigle/internal/v1/payment_pb.js";
import type { Clients } from "../clients.js";
import { formatMsat } from "../parts/amount.js";
import { List } from "../parts/list.js";
import { Moment } from "../parts/moment.js";
import { useLoaded } from "../parts/use-loaded.js";
import { usePages } from "../parts/use-pages.js";
import { legible, visible } from "../parts/visible.js";
import { daysUntil, loadDays } from "./days.js";
import { DaysChart } from "./days-chart.js";

const COLUMNS = ["Payer", "Payee", "Amount", "State", "Comment", "Changed"];
const DAYS = 30;
const TIPS_ON_A_PAGE = 20;

const STATES: Readonly<Record<State, string>> = {
  [State.UNSPECIFIED]: "Unknown",
  [State.OFFERED]: "Offered",
  [State.INVOICED]: "Invoiced",
  [State.SETTLED]: "Proved",
  [State.DECLINED]: "Declined",
  [State.CANCELLED]: "Cancelled",
  [State.EXPIRED]: "Expired",
  [State.RECEIVED]: "Only confirmed",
};

/** What people paid each other by tips, and the latest tips. */
export function PaymentsPage({ payments }: Pick<Clients, "payments">) {
  const totals = useLoaded((signal) => loadDays(payments, daysUntil(Date.now(), DAYS), signal));
  const tips = usePages<TipRecord>(async (pageToken, signal) => {
    const page = await payments.listTips({ pageSize: TIPS_ON_A_PAGE, pageToken }, { signal });
    return { rows: page.tips, nextPageToken: page.nextPageToken };
  });
  const pages = {
    ...tips,
    reload: () => {
      totals.reload();
      tips.reload();
    },
  };
  return (
    <>
      <div class="heading">
        <h1>Payments</h1>
        <p class="soft">tips, which people pay each other directly; no money passes this server</p>
      </div>
      {totals.problem !== "" && (
        <p class="problem" role="alert">
          Totals: {totals.problem}
        </p>
      )}
      {totals.value && <DaysChart days={totals.value} />}
      <List name="tips" columns={COLUMNS} pages={pages} hasActions={false}>
        {(tip) => <Row key={tip.tipId} tip={tip} />}
      </List>
    </>
  );
}

function Row({ tip }: { tip: TipRecord }) {
  const { tipId, state, amountMsat, comment, updateTime, receiveTime, settleTime } = tip;
  return (
    <tr data-tip={tipId}>
      <th scope="row" class="text">
        <Side sessionId={tip.payerSessionId} subject={tip.payerSubject} />
      </th>
      <td class="text" data-label="Payee">
        <Side sessionId={tip.payeeSessionId} subject={tip.payeeSubject} />
      </td>
      <td data-label="Amount">{formatMsat(amountMsat)}</td>
      <td data-label="State">
        {STATES[state]}
        {settleTime && receiveTime && <small>and confirmed by the payee</small>}
      </td>
      <td class="text" data-label="Comment">
        {comment === "" ? "–" : <bdi>{legible(comment)}</bdi>}
      </td>
      <td data-label="Changed">
        <Moment at={updateTime} />
      </td>
    </tr>
  );
}

function Side({ sessionId, subject }: { sessionId: string; subject: string }) {
  return (
    <>
      {subject !== "" && <bdi>{visible(subject)}</bdi>}
      <code>{sessionId}</code>
    </>
  );
}
