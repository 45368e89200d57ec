import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { NodeSteps } from "../../contract/lightning-node/harness.js";
import { soon } from "../soon.js";
import { startLndStandIn, type LndStandIn } from "./lnd-stand-in.js";

export const DEPOSIT_SATS = 500;

/** What the operator's node and the wallet of newcomers have in their channel, in millisatoshis. */
export interface Balances {
  operatorMsat: number;
  payerMsat: number;
}

/** An operator's node and a wallet with a channel between them, for servers that ask for deposits. */
export interface DepositBed {
  standIn: LndStandIn;
  /** What servers that use the node are started with. */
  variables: Record<string, string>;
  /** Pays an invoice. Resolves to what became of the payment. */
  pay(invoice: string): Promise<"kept" | "returned">;
  /** What both have, once no payment is under way. */
  settled(): Promise<Balances>;
  close(): Promise<void>;
}

export async function startDepositBed(): Promise<DepositBed> {
  const standIn = await startLndStandIn();
  const { ldk, folder, certFile, bed } = standIn;
  await new NodeSteps(ldk).openChannel();
  const macaroonFile = join(folder, "admin.macaroon");
  await writeFile(macaroonFile, Buffer.from(bed.node.macaroon, "hex"));
  const channel = async () => (await ldk.node.channels())[0] ?? { localMsat: NaN, pendingHtlcs: NaN };
  return {
    standIn,
    variables: {
      DEPOSIT_SATS: String(DEPOSIT_SATS),
      SESSION_SECRET: "a secret that outlives the server of a test",
      LND_URL: bed.node.url,
      LND_TLS_CERT_FILE: certFile,
      LND_MACAROON_FILE: macaroonFile,
    },
    pay: (invoice) =>
      ldk.peer.pay(invoice).then(
        () => "kept",
        () => "returned",
      ),
    settled: () =>
      soon(async () => {
        const { localMsat, pendingHtlcs } = await channel();
        if (pendingHtlcs !== 0 || !isIdle(ldk.wallet)) throw new Error("a payment is under way");
        return { operatorMsat: localMsat, payerMsat: ldk.wallet.spendableMsat };
      }),
    close: () => standIn.close(),
  };
}

/** Whether a wallet waits for the end of no payment of its own. */
function isIdle({ engine }: LndStandIn["ldk"]["wallet"]): boolean {
  const channels = engine.manager.list_usable_channels();
  return channels.length > 0 && channels.every((channel) => channel.get_pending_outbound_htlcs().length === 0);
}
