import { type ChannelRecord, ChannelState } from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import { OperatorRole } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import { useMay } from "../operator/operator.js";
import { Balance } from "./balance.js";
import { isClosable, shortened, STATES, takesFees, timeOfBlocks } from "./describe.js";
import { wordsOf } from "./fees-dialog.js";
import { TableHead } from "../parts/table-head.js";
import type { Watched } from "./use-channels.js";

interface Props extends Watched {
  onClose: (channel: ChannelRecord) => void;
  onFees: (channel: ChannelRecord) => void;
}

const COLUMNS = ["Channel", "Balance", "State", "Pending payments", "Fees for forwarding"];

/** The channels as they are now, by ID. */
export function ChannelsPanel({ channels, problem, onClose, onFees }: Props) {
  return (
    <section class="panel list" aria-busy={channels === undefined}>
      {problem !== "" && (
        <p class="problem" role="alert">
          Channels: {problem}
        </p>
      )}
      {channels === undefined && problem === "" && <p class="none">Loading…</p>}
      {channels?.length === 0 && <p class="none">No channels.</p>}
      {channels && channels.length > 0 && (
        <table>
          <caption class="unseen">channels</caption>
          <TableHead columns={COLUMNS} hasActions />
          <tbody>
            {channels.map((channel) => (
              <Row key={channel.channelId} channel={channel} onClose={onClose} onFees={onFees} />
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Row({ channel, onClose, onFees }: { channel: ChannelRecord } & Pick<Props, "onClose" | "onFees">) {
  const { channelId, peerId, isPrivate, isInitiator, pendingHtlcs, htlcBlocksLeft, fees } = channel;
  const mayCommand = useMay(OperatorRole.ADMIN);
  return (
    <tr data-channel={channelId}>
      <th scope="row">
        <code title={channelId}>{shortened(channelId)}</code>
        <small>
          to <span title={peerId}>{shortened(peerId)}</span>, {isPrivate ? "private" : "public"},{" "}
          {isInitiator ? "opened by this node" : "opened by the peer"}
        </small>
      </th>
      <td data-label="Balance">
        <Balance channel={channel} />
      </td>
      <td data-label="State">
        <State channel={channel} />
      </td>
      <td data-label="Pending payments">
        {pendingHtlcs}
        {htlcBlocksLeft !== undefined && <small>the first expires in {blocks(htlcBlocksLeft)}</small>}
      </td>
      <td data-label="Fees for forwarding">{fees ? wordsOf(fees) : "–"}</td>
      <td>
        {mayCommand && (
          <div class="buttons">
            {takesFees(channel) && (
              <button type="button" aria-label={`Fees of ${shortened(channelId)}`} onClick={() => onFees(channel)}>
                Fees
              </button>
            )}
            {isClosable(channel) && (
              <button type="button" aria-label={`Close ${shortened(channelId)}`} onClick={() => onClose(channel)}>
                Close
              </button>
            )}
          </div>
        )}
      </td>
    </tr>
  );
}

function State({ channel: { state, blocksLeft } }: { channel: ChannelRecord }) {
  const kind = state === ChannelState.OPEN ? "ready" : state === ChannelState.FORCE_CLOSING ? "away" : "other";
  return (
    <>
      <span class="state" data-state={kind}>
        {STATES[state]}
      </span>
      {blocksLeft !== undefined && (
        <small>
          {blocks(blocksLeft)} until the money can be spent, {timeOfBlocks(blocksLeft)}
        </small>
      )}
    </>
  );
}

const blocks = (count: number) => `${count.toLocaleString("en")} ${count === 1 ? "block" : "blocks"}`;
