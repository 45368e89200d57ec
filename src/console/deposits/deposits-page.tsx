import { useState } from "preact/hooks";
import { type DepositRecord, DepositRecord_State as State } from "../../../gen/satoshigle/internal/v1/deposit_pb.js";
import { OperatorRole } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import type { Clients } from "../clients.js";
import { useMay } from "../operator/operator.js";
import { formatSat } from "../parts/amount.js";
import { Confirmation } from "../parts/confirmation.js";
import { List } from "../parts/list.js";
import { Moment } from "../parts/moment.js";
import { useNotice } from "../parts/use-notice.js";
import { ENOUGH_ROWS, usePages } from "../parts/use-pages.js";
import { CAUSES, STATES } from "./describe.js";

const COLUMNS = ["Session", "State", "Reported", "Amount", "Time left", "Since"];

/** What a moderator asked for, and about which deposit. */
interface Asked {
  act: "keep" | "return";
  deposit: DepositRecord;
}

/** The deposits of newcomers, those that changed last first. */
export function DepositsPage({ deposits }: Pick<Clients, "deposits">) {
  const pages = usePages<DepositRecord>(async (pageToken, signal) => {
    const page = await deposits.listDeposits({ pageSize: ENOUGH_ROWS, pageToken }, { signal });
    return { rows: page.deposits, nextPageToken: page.nextPageToken };
  });
  const [asked, setAsked] = useState<Asked>();
  const { notice, say } = useNotice();
  const decide = async ({ act, deposit: { depositId, sessionId } }: Asked) => {
    if (act === "keep") await deposits.forfeitDeposit({ depositId });
    else await deposits.releaseDeposit({ depositId });
    setAsked(undefined);
    say(`The deposit of ${sessionId} is ${act === "keep" ? "kept" : "returned"}.`);
    pages.reload();
  };
  return (
    <>
      <div class="heading">
        <h1>Deposits</h1>
        <p class="soft">of newcomers, those that changed last first; each is returned unless a moderator keeps it</p>
      </div>
      {notice}
      {pages.reason === "DEPOSITS_OFF" ? (
        <section class="panel">
          <p class="none">
            Deposits are off: <code>DEPOSIT_SATS</code> is 0, or not set. It takes a node as well, which{" "}
            <code>LND_URL</code> sets.
          </p>
        </section>
      ) : (
        <List name="deposits" columns={COLUMNS} pages={pages}>
          {(deposit) => <Row key={deposit.depositId} deposit={deposit} onAsk={(act) => setAsked({ act, deposit })} />}
        </List>
      )}
      {asked && <Question asked={asked} act={() => decide(asked)} onClose={() => setAsked(undefined)} />}
    </>
  );
}

function Question({ asked, act, onClose }: { asked: Asked; act: () => Promise<void>; onClose: () => void }) {
  const { amountSat, sessionId, reported } = asked.deposit;
  const isKeeping = asked.act === "keep";
  return (
    <Confirmation
      title={isKeeping ? "Keep this deposit?" : "Return this deposit?"}
      verb={isKeeping ? "Keep" : "Return"}
      act={act}
      onClose={onClose}
    >
      <p>
        {formatSat(amountSat)} of the session <code>{sessionId}</code>, which was{" "}
        {reported ? "reported" : "not reported"}.{" "}
        {isKeeping ? "The node takes the payment for good." : "The payer gets the payment back now."}
      </p>
    </Confirmation>
  );
}

function Row({ deposit, onAsk }: { deposit: DepositRecord; onAsk: (act: Asked["act"]) => void }) {
  const { depositId, sessionId, state, cause, amountSat, reported, endTime, updateTime } = deposit;
  const mayDecide = useMay(OperatorRole.MODERATOR) && state === State.HELD;
  return (
    <tr data-deposit={depositId}>
      <th scope="row">
        <code>{sessionId}</code>
      </th>
      <td data-label="State">
        {STATES[state]}
        {CAUSES[cause] !== "" && <small>{CAUSES[cause]}</small>}
      </td>
      <td data-label="Reported">
        {reported ? (
          <span class="state" data-state="away">
            reported
          </span>
        ) : (
          "no"
        )}
      </td>
      <td data-label="Amount">{formatSat(amountSat)}</td>
      <td data-label="Time left">
        <Moment at={endTime} />
      </td>
      <td data-label="Since">
        <Moment at={updateTime} />
      </td>
      <td>
        {mayDecide && (
          <div class="buttons">
            <button type="button" aria-label={`Keep the deposit of ${sessionId}`} onClick={() => onAsk("keep")}>
              Keep
            </button>
            <button type="button" aria-label={`Return the deposit of ${sessionId}`} onClick={() => onAsk("return")}>
              Return
            </button>
          </div>
        )}
      </td>
    </tr>
  );
}
