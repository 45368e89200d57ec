import { create } from "@bufbuild/protobuf";
import {
  type ChannelFees,
  type ChannelRecord,
  type SetChannelFeesTerms,
  SetChannelFeesTermsSchema,
} from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import type { Clients } from "../clients.js";
import { WholeField, wholeIn } from "../parts/whole-field.js";
import { CommandDialog, type Trial } from "./command-dialog.js";
import { outcomeOf, shortened } from "./describe.js";

interface Props extends Pick<Clients, "commands"> {
  channel: ChannelRecord;
  onClose: () => void;
  onDone: (text: string) => void;
}

const MAX_BASE_MSAT = 100_000_000;
const MAX_RATE_PPM = 1_000_000;

/** Fees cost nothing, and no policy limits them: nothing has to be asked. */
const FREE: Trial = { feeSat: 0n, objections: [] };

/** Sets the fees for forwarding through a channel. */
export function FeesDialog({ commands, channel: { channelId, fees }, onClose, onDone }: Props) {
  const run = async (commandId: string, terms: SetChannelFeesTerms) => {
    const { command } = await commands.setChannelFees({ commandId, terms });
    onDone(outcomeOf(command, `The fees of ${shortened(channelId)} are set.`));
  };
  const read = (data: FormData) => {
    const wanted = { baseMsat: BigInt(wholeIn(data, "base")), ratePpm: BigInt(wholeIn(data, "rate")) };
    return create(SetChannelFeesTermsSchema, { channelId, fees: wanted });
  };
  const describe = (terms: SetChannelFeesTerms) => (
    <p>
      Fees of <code>{channelId}</code>: from {wordsOf(fees)} to <strong>{wordsOf(terms.fees)}</strong>
    </p>
  );
  return (
    <CommandDialog
      title={`Fees of ${shortened(channelId)}`}
      verb="Set fees"
      read={read}
      check={() => Promise.resolve(FREE)}
      describe={describe}
      run={run}
      onClose={onClose}
    >
      <div class="fields">
        <WholeField name="base" label="For each payment, in msat" max={MAX_BASE_MSAT} initial={fees?.baseMsat ?? 0} />
        <WholeField name="rate" label="In millionths of the amount" max={MAX_RATE_PPM} initial={fees?.ratePpm ?? 0} />
      </div>
    </CommandDialog>
  );
}

/** Such as `1,000 msat + 250 ppm`. */
export function wordsOf(fees: ChannelFees | undefined): string {
  if (!fees) return "unknown ones";
  return `${fees.baseMsat.toLocaleString("en")} msat + ${fees.ratePpm.toLocaleString("en")} ppm`;
}
