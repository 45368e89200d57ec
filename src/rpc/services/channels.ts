import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { ChannelService } from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import type { ChannelChange } from "../../app/channel-changes.js";
import type { Channels } from "../../app/channels.js";
import type { ChannelAct } from "../../core/channel-command.js";
import { DomainError } from "../../core/errors.js";
import type { Operators } from "../../ports/operators.js";
import * as codec from "../codec/channels.js";
import { channelFrom, channelToken, runFrom, runToken, toToken } from "../codec/page-token.js";
import { parsePage } from "../codec/parse-internal.js";
import type { InternalService } from "../service.js";
import { actorOf } from "./actor.js";

/** The page size for requests that leave it unset. */
const DEFAULT_PAGE_SIZE = 100;

/** `ChannelService`, for operators. @param channels undefined without a node */
export function channelService(channels: Channels | undefined, operators: Operators): InternalService {
  const the = () => channels ?? refuseWithoutNode();
  return {
    desc: ChannelService,
    longRunning: [ChannelService.method.openChannel, ChannelService.method.closeChannel],
    addTo: (router) => {
      router.service(ChannelService, { ...reading(the), ...commanding(the, operators), ...policies(the, operators) });
    },
  };
}

type Implementation = ServiceImpl<typeof ChannelService>;

function reading(
  the: () => Channels,
): Pick<Implementation, "getNode" | "listChannels" | "watchChannels" | "listCommands"> {
  return {
    async getNode() {
      return codec.renderNode(await the().node());
    },

    async listChannels({ pageSize, pageToken, states }) {
      const after = channelFrom(pageToken, "page_token");
      const page = await the().list(pageSize || DEFAULT_PAGE_SIZE, after, codec.parseStates(states));
      const { blockHeight } = page.sight.info;
      return {
        channels: page.items.map((channel) => codec.renderChannel(channel, blockHeight)),
        nextPageToken: channelToken(page.last),
      };
    },

    async *watchChannels({ cursor }, { signal }) {
      const from = runFrom(cursor, "cursor");
      for await (const { change, ...position } of the().watch(from, signal)) {
        yield { cursor: runToken(position), startsAgain: change === undefined, ...renderChange(the(), change) };
      }
    },

    async listCommands(request) {
      const { size, before } = parsePage("commands", request);
      const page = await the().listCommands(size, before);
      return { commands: page.items.map(codec.renderCommand), nextPageToken: toToken("commands", page.before) };
    },
  };
}

function commanding(
  the: () => Channels,
  operators: Operators,
): Pick<Implementation, "openChannel" | "closeChannel" | "setChannelFees"> {
  const tryOut = async (act: ChannelAct) => {
    const { feeSat, objections } = await the().commands.try(act);
    return { feeSat: BigInt(feeSat), objections };
  };
  const run = async (commandId: string, act: ChannelAct, context: HandlerContext) => {
    const [id, by] = [codec.parseCommandId(commandId), actorOf(operators, context)];
    const command = codec.renderCommand(await the().commands.run({ id, act, by }));
    return { command, feeSat: command.feeSat ?? 0n };
  };
  return {
    async openChannel({ commandId, terms, dryRun }, context) {
      const act = codec.parseOpen(terms);
      return dryRun ? tryOut(act) : run(commandId, act, context);
    },

    async closeChannel({ commandId, terms, dryRun }, context) {
      const act = codec.parseClose(terms);
      return dryRun ? tryOut(act) : run(commandId, act, context);
    },

    async setChannelFees({ commandId, terms }, context) {
      const { command } = await run(commandId, codec.parseFees(terms), context);
      return { command };
    },
  };
}

function policies(the: () => Channels, operators: Operators): Pick<Implementation, "getPolicy" | "setPolicy"> {
  return {
    async getPolicy() {
      return codec.renderPolicy(await the().policy());
    },

    async setPolicy({ policy, revision }, context) {
      const replaced = revision === undefined ? undefined : Number(revision);
      const by = actorOf(operators, context);
      return { revision: BigInt(await the().setPolicy(codec.parsePolicy(policy), by, replaced)) };
    },
  };
}

function renderChange({ blockHeight }: Channels, change: ChannelChange | undefined) {
  if (change === undefined) return {};
  const { channelId, channel } = change;
  if (channel === undefined) return { change: { case: "forgottenChannelId" as const, value: channelId } };
  return { change: { case: "channel" as const, value: codec.renderChannel(channel, blockHeight) } };
}

function refuseWithoutNode(): never {
  throw new DomainError("node_missing", "no Lightning node is configured: set LND_URL, and see docs/channels.md");
}
