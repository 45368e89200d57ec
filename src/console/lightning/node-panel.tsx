import type { ChannelPolicy, GetNodeResponse } from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import { formatSat } from "../parts/amount.js";
import { Moment } from "../parts/moment.js";
import { legible } from "../parts/visible.js";
import { sentenceFor } from "./describe.js";

interface Props {
  node: GetNodeResponse | undefined;
  policy: ChannelPolicy | undefined;
}

/** The node, what it has, and what an operator should look at. */
export function NodePanel({ node, policy }: Props) {
  if (!node) return <p class="none">Loading…</p>;
  const { nodeId, alias, version, network, blockHeight, isSynced, answerTime } = node;
  return (
    <>
      <div role="status" class="alerts">
        {node.alerts.length > 0 && (
          <ul>
            {node.alerts.map((alert) => (
              <li key={alert} data-alert={alert}>
                {sentenceFor(alert, policy)}
              </li>
            ))}
          </ul>
        )}
      </div>
      <section class="panel" aria-label="Node">
        <dl class="summary">
          <div>
            <dt>Node</dt>
            <dd>
              <bdi>{legible(alias) || "–"}</bdi> <small>{legible(version)}</small>
              {nodeId !== "" && <code>{nodeId}</code>}
            </dd>
          </div>
          <div>
            <dt>Reachable</dt>
            <dd>
              <span class="state" data-state={node.isReachable ? "ready" : "away"}>
                {node.isReachable ? "yes" : "no"}
              </span>
              {!node.isReachable && (
                <small>
                  the rest is of its last answer: <Moment at={answerTime} />
                </small>
              )}
            </dd>
          </div>
          <div>
            <dt>Synced</dt>
            <dd>
              <span class="state" data-state={isSynced ? "ready" : "away"}>
                {isSynced ? "yes" : "no"}
              </span>
            </dd>
          </div>
          <Fact title="Network" text={network || "–"} />
          <Fact title="Height" text={blockHeight.toLocaleString("en")} />
          <Fact title="On the chain" text={formatSat(node.confirmedSat)} />
          <Fact title="Unconfirmed" text={formatSat(node.unconfirmedSat)} />
          <Fact title="Can receive" text={formatSat(node.inboundSat)} />
          <Fact title="Can send" text={formatSat(node.outboundSat)} />
        </dl>
      </section>
    </>
  );
}

function Fact({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <dt>{title}</dt>
      <dd>{text}</dd>
    </div>
  );
}
