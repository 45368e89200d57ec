import { type ChannelCommand, ChannelCommand_State as State } from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import { formatSat } from "../parts/amount.js";
import { List } from "../parts/list.js";
import { Moment } from "../parts/moment.js";
import type { Pages } from "../parts/use-pages.js";
import { legible } from "../parts/visible.js";
import { COMMAND_STATES, shortened, titleOf } from "./describe.js";
import { wordsOf } from "./fees-dialog.js";

const COLUMNS = ["Command", "By", "Outcome", "Fee on the chain", "Booked", "Concluded"];

/** Every command that was booked, by whom, and what became of it. */
export function CommandsPanel({ pages }: { pages: Pages<ChannelCommand> }) {
  return (
    <List name="commands" columns={COLUMNS} pages={pages} hasActions={false}>
      {(command) => <Row key={command.commandId} command={command} />}
    </List>
  );
}

function Row({ command }: { command: ChannelCommand }) {
  const { commandId, operator, state, feeSat, words, bookTime, concludeTime } = command;
  const kind = state === State.DONE ? "ready" : state === State.BOOKED || state === State.ASKED ? "other" : "away";
  return (
    <tr data-command={commandId}>
      <th scope="row" class="text">
        {titleOf(command)}
        <About command={command} />
      </th>
      <td class="text" data-label="By">
        <bdi>{legible(operator)}</bdi>
      </td>
      <td class="text" data-label="Outcome">
        <span class="state" data-state={kind}>
          {COMMAND_STATES[state]}
        </span>
        {words !== "" && (
          <small>
            <bdi>{legible(words)}</bdi>
          </small>
        )}
      </td>
      <td data-label="Fee on the chain">{formatSat(feeSat)}</td>
      <td data-label="Booked">
        <Moment at={bookTime} />
      </td>
      <td data-label="Concluded">
        <Moment at={concludeTime} />
      </td>
    </tr>
  );
}

/** With which channel, and why. */
function About({ command: { act, channelId } }: { command: ChannelCommand }) {
  if (act.case === "open") {
    return (
      <small>
        to <span title={act.value.peerId}>{shortened(act.value.peerId)}</span>
        {channelId !== "" && <>, as {shortened(channelId)}</>}
      </small>
    );
  }
  if (act.case === "close") {
    const { channelId: closed, reason } = act.value;
    return (
      <small>
        {shortened(closed)}
        {reason !== "" && (
          <>
            {" "}
            because: <bdi>{legible(reason)}</bdi>
          </>
        )}
      </small>
    );
  }
  if (act.case !== "setFees") return null;
  return (
    <small>
      {shortened(act.value.channelId)}, {wordsOf(act.value.fees)}
    </small>
  );
}
