import type { GetPolicyResponse } from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import { OperatorRole } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import { useMay } from "../operator/operator.js";
import { formatSat } from "../parts/amount.js";
import { legible } from "../parts/visible.js";
import { hrefTo } from "../route.js";

interface Props {
  found: GetPolicyResponse | undefined;
  onChange: (found: GetPolicyResponse) => void;
}

/** The limits of what commands may do, and what of the day's budget is used. */
export function PolicyPanel({ found, onChange }: Props) {
  const mayChange = useMay(OperatorRole.ADMIN);
  if (!found?.policy) return null;
  const { policy, today, operator, revision } = found;
  const peers = policy.allowedPeers.length;
  return (
    <section class="panel" aria-labelledby="policy">
      <div class="bar-of-list">
        <h2 id="policy">
          Policy{" "}
          <small>
            {revision === 0n ? (
              "none was set: nothing that costs money is allowed"
            ) : (
              <>
                revision {String(revision)} by <bdi>{legible(operator)}</bdi>
              </>
            )}
            , <a href={hrefTo("audit", { act: "channel_policy_set" })}>changes</a>
          </small>
        </h2>
        {mayChange && (
          <div class="buttons">
            <button type="button" onClick={() => onChange(found)}>
              Change the policy
            </button>
          </div>
        )}
      </div>
      <dl class="summary">
        <Limit
          title="Channels opened in a day"
          text={`${String(today?.opens ?? 0)} of ${String(policy.opensPerDay)} today`}
        />
        <Limit
          title="Fees on the chain in a day"
          text={`${formatSat(today?.feesSat ?? 0n)} of ${formatSat(policy.feesPerDaySat)} today`}
        />
        <Limit title="Reserve on the chain" text={formatSat(policy.reserveSat)} />
        <Limit title="Least inbound" text={formatSat(policy.leastInboundSat)} />
        <Limit title="Least outbound" text={formatSat(policy.leastOutboundSat)} />
        <Limit title="Alert before a payment expires" text={`${String(policy.leastHtlcBlocks)} blocks`} />
        <div>
          <dt>Allowed peers</dt>
          <dd>{peers === 0 ? "any" : policy.allowedPeers.map((peer) => <code key={peer}>{peer}</code>)}</dd>
        </div>
      </dl>
    </section>
  );
}

function Limit({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{text}</dd>
    </div>
  );
}
