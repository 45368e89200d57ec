import type { ChannelCommand } from "./channel-command.js";

/** A channel as the node lists it. */
interface ListedChannel {
  channelId: string;
  peerId: string;
  state: string;
  isInitiator: boolean;
  capacitySat: number;
  fees?: { baseMsat: number; ratePpm: number } | undefined;
  commandId?: string | undefined;
}

/**
 * What the channels of the node show of a command whose outcome is not known. `done`: its effect is there. `perhaps`: one of
 * these channels may be its effect, unless they are those of others. `none`: there is no effect.
 */
export type Effect =
  { state: "done"; channelId?: string } | { state: "perhaps"; channelIds: string[] } | { state: "none" };

/** @param storesCommandIds whether the node tells which command opened a channel */
export function effectOf(
  { id, act, knownChannels }: ChannelCommand,
  channels: readonly ListedChannel[],
  storesCommandIds: boolean,
): Effect {
  // A node that stores command IDs tells none for a closed channel.
  const mayBe = ({ state, commandId }: ListedChannel) =>
    !storesCommandIds || (state === "closed" && commandId === undefined);
  if (act.kind === "open") {
    const own = channels.find(({ commandId }) => commandId === id);
    if (own !== undefined) return { state: "done", channelId: own.channelId };
    const alike = channels.filter((channel) => channel.isInitiator && isLike(channel, act) && mayBe(channel));
    const fresh = alike.filter(({ channelId }) => !knownChannels.includes(channelId));
    if (fresh.length === 0) return { state: "none" };
    return { state: "perhaps", channelIds: fresh.map(({ channelId }) => channelId) };
  }
  const channel = channels.find(({ channelId }) => channelId === act.channelId);
  const isDone = act.kind === "close" ? isClosing(channel, act.isForced) : isSet(channel, act);
  return { state: isDone ? "done" : "none" };
}

function isLike(channel: ListedChannel, { peerId, capacitySat }: { peerId: string; capacitySat: number }): boolean {
  return channel.peerId === peerId && channel.capacitySat === capacitySat;
}

/** A closed channel is listed only as long as the node remembers it. */
function isClosing(channel: ListedChannel | undefined, isForced: boolean): boolean {
  const states = isForced ? ["force_closing", "closed"] : ["closing", "force_closing", "closed"];
  return channel === undefined || states.includes(channel.state);
}

function isSet(channel: ListedChannel | undefined, { baseMsat, ratePpm }: { baseMsat: number; ratePpm: number }) {
  return channel?.fees?.baseMsat === baseMsat && channel.fees.ratePpm === ratePpm;
}
