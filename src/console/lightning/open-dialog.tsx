import { OpenChannelTermsSchema, type OpenChannelTerms } from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import { create } from "@bufbuild/protobuf";
import type { Clients } from "../clients.js";
import { formatSat } from "../parts/amount.js";
import { textIn } from "../parts/subject-or-key.js";
import { WholeField, wholeIn } from "../parts/whole-field.js";
import { CommandDialog } from "./command-dialog.js";
import { outcomeOf } from "./describe.js";
import { MAX_FEE_RATE, MAX_SAT } from "./limits.js";

interface Props extends Pick<Clients, "commands"> {
  onClose: () => void;
  onDone: (text: string) => void;
}

/** Opens a channel. */
export function OpenDialog({ commands, onClose, onDone }: Props) {
  const run = async (commandId: string, terms: OpenChannelTerms) => {
    const { command } = await commands.openChannel({ commandId, terms });
    onDone(outcomeOf(command, `A channel of ${formatSat(terms.capacitySat)} is being opened.`));
  };
  return (
    <CommandDialog
      title="Open a channel"
      verb="Open channel"
      read={read}
      check={(terms) => commands.openChannel({ terms, dryRun: true })}
      describe={describe}
      run={run}
      onClose={onClose}
    >
      <div class="fields">
        <label class="wide">
          Peer: public key, or key@host:port
          <input
            name="peer"
            required
            pattern="\s*0[23][0-9a-fA-F]{64}(@\S{1,300})?\s*"
            title="66 hexadecimal digits that begin with 02 or 03; then, unless the node is connected to it, @host:port"
            autocomplete="off"
            spellcheck={false}
          />
        </label>
        <WholeField name="capacity" label="Capacity in sat" min={1} max={MAX_SAT} />
        <WholeField name="push" label="Given to the peer at once, in sat" max={MAX_SAT} initial={0} />
        <WholeField name="rate" label="Fee in sat/vB, 0: the node’s choice" max={MAX_FEE_RATE} initial={0} />
        <label class="check">
          <input type="checkbox" name="private" /> private: not announced to the network
        </label>
      </div>
    </CommandDialog>
  );
}

function read(data: FormData): OpenChannelTerms {
  const [peerId = "", ...address] = textIn(data, "peer").trim().split("@");
  return create(OpenChannelTermsSchema, {
    peerId: peerId.toLowerCase(),
    peerAddress: address.join("@"),
    capacitySat: BigInt(wholeIn(data, "capacity")),
    pushSat: BigInt(wholeIn(data, "push")),
    feeRateSatPerVbyte: wholeIn(data, "rate"),
    isPrivate: data.has("private"),
  });
}

function describe({ peerId, capacitySat, pushSat, isPrivate }: OpenChannelTerms) {
  return (
    <p>
      A {isPrivate ? "private" : "public"} channel of <strong>{formatSat(capacitySat)}</strong>
      {pushSat > 0n && <>, of which {formatSat(pushSat)} are given to the peer for good,</>} to <code>{peerId}</code>
    </p>
  );
}
