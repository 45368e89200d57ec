import type { ChannelRecord } from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import { formatMsat, formatSat } from "../parts/amount.js";

const WIDTH = 200;
const HEIGHT = 12;

/** The balance of a channel, drawn to scale: ours from the left, the peer's from the right, and between them what is pending. */
export function Balance({ channel: { capacitySat, localMsat, remoteMsat } }: { channel: ChannelRecord }) {
  const widthOf = (msat: bigint) => (capacitySat === 0n ? 0 : (WIDTH * Number(msat)) / Number(capacitySat * 1000n));
  const [local, remote] = [widthOf(localMsat), widthOf(remoteMsat)];
  const [ours, theirs, all] = [formatMsat(localMsat), formatMsat(remoteMsat), formatSat(capacitySat)];
  return (
    <div class="balance">
      <svg
        viewBox={`0 0 ${String(WIDTH)} ${String(HEIGHT)}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`local ${ours}, remote ${theirs}, of ${all}`}
      >
        <rect class="free" width={WIDTH} height={HEIGHT} />
        <rect class="local" width={local.toFixed(2)} height={HEIGHT} />
        <rect class="remote" x={(WIDTH - remote).toFixed(2)} width={remote.toFixed(2)} height={HEIGHT} />
      </svg>
      <p class="ends-of-bar" aria-hidden="true">
        <span>{ours}</span>
        <span>{theirs}</span>
      </p>
      <small aria-hidden="true">local | remote of {all}</small>
    </div>
  );
}
