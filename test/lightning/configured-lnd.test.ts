import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Client, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ChannelCommand_State as State, ChannelService } from "../../gen/satoshigle/internal/v1/channel_pb.js";
import { type LndStandIn, startLndStandIn } from "../support/lightning/lnd-stand-in.js";
import { soon } from "../support/soon.js";
import { startServer, type TestServer } from "../support/server.js";

// The whole way from the variables to LND's protos.

let standIn: LndStandIn;
let server: TestServer;
let channels: Client<typeof ChannelService>;

beforeAll(async () => {
  standIn = await startLndStandIn();
  const { url, macaroon } = standIn.bed.node;
  const macaroonFile = join(standIn.folder, "admin.macaroon");
  await writeFile(macaroonFile, Buffer.from(macaroon, "hex"));
  const files = { LND_TLS_CERT_FILE: standIn.certFile, LND_MACAROON_FILE: macaroonFile };
  server = await startServer({ LND_URL: url, ...files });
  channels = createClient(ChannelService, createGrpcTransport({ baseUrl: server.internalUrl }));
});
afterAll(async () => {
  await server.close();
  await standIn.close();
});

const open = async (commandId: string, capacitySat: bigint) => {
  const { peerId, bed } = standIn;
  const terms = { peerId, peerAddress: bed.peer.address, capacitySat, feeRateSatPerVbyte: 2 };
  return (await channels.openChannel({ commandId, terms })).command;
};

it("manages the channels of the LND that the variables name", async () => {
  expect(await channels.getNode({})).toMatchObject({ isReachable: true, network: "regtest", isSynced: true });
  await channels.setPolicy({ policy: { opensPerDay: 10, feesPerDaySat: 100_000n } });
  const opened = await open("command-0000000000000001", 400_000n);
  expect(opened).toMatchObject({ state: State.DONE });
  await soon(async () => {
    const { channels: listed } = await channels.listChannels({});
    expect(listed.map(({ channelId }) => channelId)).toEqual([opened?.channelId]);
  });
});

it("shows LND's words when it refuses to open a channel", async () => {
  const words = "received funding error: chan size of 0.0002 BTC is below min chan size of 0.01 BTC";
  standIn.server.refuse("openChannelSync", words);
  await expect(open("command-0000000000000002", 20_000n)).rejects.toThrow(words);
});
