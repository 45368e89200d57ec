import { create } from "@bufbuild/protobuf";
import { useState } from "preact/hooks";
import {
  type ChannelRecord,
  ChannelState,
  type CloseChannelTerms,
  CloseChannelTermsSchema,
} from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import type { Clients } from "../clients.js";
import { formatMsat } from "../parts/amount.js";
import { textIn } from "../parts/subject-or-key.js";
import { legible } from "../parts/visible.js";
import { WholeField, wholeIn } from "../parts/whole-field.js";
import { CommandDialog } from "./command-dialog.js";
import { outcomeOf, shortened } from "./describe.js";
import { MAX_FEE_RATE } from "./limits.js";

interface Props extends Pick<Clients, "commands"> {
  channel: ChannelRecord;
  onClose: () => void;
  onDone: (text: string) => void;
}

/** Closes a channel: with its peer, or without it. */
export function CloseDialog({ commands, channel, onClose, onDone }: Props) {
  const { channelId, localMsat, state } = channel;
  const [isForced, setForced] = useState(state === ChannelState.INACTIVE);
  const run = async (commandId: string, terms: CloseChannelTerms) => {
    const { command } = await commands.closeChannel({ commandId, terms });
    onDone(outcomeOf(command, `The channel ${shortened(channelId)} is being closed.`));
  };
  const read = (data: FormData) => {
    const reason = textIn(data, "reason").trim();
    const feeRateSatPerVbyte = isForced ? 0 : wholeIn(data, "rate");
    return create(CloseChannelTermsSchema, { channelId, force: isForced, reason, feeRateSatPerVbyte });
  };
  const describe = ({ force, reason }: CloseChannelTerms) => (
    <>
      <p>
        {force ? "Force close" : "Close"} the channel <code>{channelId}</code>, with {formatMsat(localMsat)} on this
        side
      </p>
      {reason !== "" && (
        <p>
          Reason: <bdi>{legible(reason)}</bdi>
        </p>
      )}
      {force && <p>The money is locked for a while, and a forced close cannot be undone.</p>}
    </>
  );
  return (
    <CommandDialog
      title={`Close ${shortened(channelId)}`}
      verb={isForced ? "Force close" : "Close channel"}
      isGrave
      read={read}
      check={(terms) => commands.closeChannel({ terms, dryRun: true })}
      describe={describe}
      run={run}
      onClose={onClose}
    >
      <p class="choices">
        <label>
          <input type="checkbox" checked={isForced} onChange={(event) => setForced(event.currentTarget.checked)} />
          <span>
            Force
            <small>Without the peer, which does not answer. Locks the money for a while, and costs more.</small>
          </span>
        </label>
      </p>
      <div class="fields">
        <label class="wide">
          {isForced ? "Reason, required" : "Reason"}
          <input name="reason" maxLength={500} required={isForced} autocomplete="off" />
        </label>
        {!isForced && (
          <WholeField name="rate" label="Fee in sat/vB, 0: the node’s choice" max={MAX_FEE_RATE} initial={0} />
        )}
      </div>
    </CommandDialog>
  );
}
