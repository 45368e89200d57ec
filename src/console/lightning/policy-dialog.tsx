import { create } from "@bufbuild/protobuf";
import {
  type ChannelPolicy,
  ChannelPolicySchema,
  type GetPolicyResponse,
} from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import type { Clients } from "../clients.js";
import { Dialog } from "../parts/dialog.js";
import { textIn } from "../parts/subject-or-key.js";
import { EntryError, useAction } from "../parts/use-action.js";
import { WholeField, wholeIn } from "../parts/whole-field.js";
import { MAX_SAT } from "./limits.js";

interface Props extends Pick<Clients, "channels"> {
  found: GetPolicyResponse;
  onClose: () => void;
  onDone: (text: string) => void;
}

const MAX_OPENS = 1_000;
const MAX_BLOCKS = 2_016;
const PEER = /^0[23][0-9a-f]{64}$/;

/** Replaces the policy that was read, and no other. */
export function PolicyDialog({ channels, found, onClose, onDone }: Props) {
  const { policy, revision } = found;
  const { run, isRunning, problem } = useAction(async (data: FormData) => {
    await channels.setPolicy({ policy: read(data), revision });
    onDone("The policy is in force.");
  });
  return (
    <Dialog title="Change the policy" onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          run(new FormData(event.currentTarget));
        }}
      >
        <Fields policy={policy} />
        {problem !== "" && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class="main" aria-disabled={isRunning}>
            Set policy
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function Fields({ policy }: { policy: ChannelPolicy | undefined }) {
  return (
    <div class="fields">
      <WholeField name="opens" label="Channels opened in a day" max={MAX_OPENS} initial={policy?.opensPerDay ?? 0} />
      <WholeField name="fees" label="Fees in a day, in sat" max={MAX_SAT} initial={policy?.feesPerDaySat ?? 0} />
      <WholeField name="reserve" label="Reserve, in sat" max={MAX_SAT} initial={policy?.reserveSat ?? 0} />
      <WholeField name="inbound" label="Least inbound, in sat" max={MAX_SAT} initial={policy?.leastInboundSat ?? 0} />
      <WholeField
        name="outbound"
        label="Least outbound, in sat"
        max={MAX_SAT}
        initial={policy?.leastOutboundSat ?? 0}
      />
      <WholeField
        name="blocks"
        label="Blocks before a payment expires"
        max={MAX_BLOCKS}
        initial={policy?.leastHtlcBlocks ?? 0}
      />
      <label class="wide">
        Allowed peers, one public key in each line; empty: any
        <textarea
          name="peers"
          rows={3}
          defaultValue={policy?.allowedPeers.join("\n")}
          autocomplete="off"
          spellcheck={false}
        />
      </label>
    </div>
  );
}

/** @throws EntryError for a line that is no public key */
function read(data: FormData): ChannelPolicy {
  const allowedPeers = textIn(data, "peers").toLowerCase().split(/\s+/).filter(Boolean);
  const bad = allowedPeers.find((peer) => !PEER.test(peer));
  if (bad !== undefined)
    throw new EntryError(`“${bad}” is no public key: 66 hexadecimal digits that begin with 02 or 03.`);
  return create(ChannelPolicySchema, {
    opensPerDay: wholeIn(data, "opens"),
    feesPerDaySat: BigInt(wholeIn(data, "fees")),
    reserveSat: BigInt(wholeIn(data, "reserve")),
    leastInboundSat: BigInt(wholeIn(data, "inbound")),
    leastOutboundSat: BigInt(wholeIn(data, "outbound")),
    leastHtlcBlocks: wholeIn(data, "blocks"),
    allowedPeers,
  });
}
