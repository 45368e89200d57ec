import { useEffect, useState } from "preact/hooks";
import type { ChannelRecord } from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import type { Clients } from "../clients.js";
import { sentenceOf } from "../parts/sentence.js";

const RETRY_MS = 2_000;

type ById = ReadonlyMap<string, ChannelRecord>;

/** The channels of the node as they are now, by ID. */
export interface Watched {
  /** Undefined before the server has answered. */
  channels: readonly ChannelRecord[] | undefined;
  /** Why the stream was cut; empty while it runs. The channels are then those of before. */
  problem: string;
  /** Another one after each change. */
  change: unknown;
}

/**
 * Follows the channels of the node.
 * @param isOn whether there is a node
 */
export function useChannels({ channelStreams }: Pick<Clients, "channelStreams">, isOn: boolean): Watched {
  const [byId, setById] = useState<ById>();
  const [problem, setProblem] = useState("");
  useEffect(() => {
    if (!isOn) return undefined;
    const watching = new AbortController();
    const unlessLeft =
      <Input>(set: (input: Input) => void) =>
      (input: Input) => {
        if (!watching.signal.aborted) set(input);
      };
    void follow(channelStreams, watching.signal, unlessLeft(setById), unlessLeft(setProblem));
    return () => {
      watching.abort();
    };
  }, [channelStreams, isOn]);
  const channels = byId && [...byId.values()].sort((one, other) => (one.channelId < other.channelId ? -1 : 1));
  return { channels, problem, change: byId };
}

type Update = (before: ById | undefined) => ById;

async function follow(
  client: Clients["channelStreams"],
  signal: AbortSignal,
  onChange: (update: Update) => void,
  onProblem: (problem: string) => void,
): Promise<void> {
  let cursor = "";
  while (!signal.aborted) {
    try {
      for await (const response of client.watchChannels({ cursor }, { signal })) {
        ({ cursor } = response);
        const { startsAgain, change } = response;
        onProblem("");
        onChange((before) => changed(startsAgain ? new Map() : (before ?? new Map()), change));
      }
    } catch (error) {
      onProblem(sentenceOf(error));
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

type Change =
  | { case: "channel"; value: ChannelRecord }
  | { case: "forgottenChannelId"; value: string }
  | { case: undefined; value?: undefined };

function changed(before: ById, change: Change): ById {
  const after = new Map(before);
  if (change.case === "channel") after.set(change.value.channelId, change.value);
  if (change.case === "forgottenChannelId") after.delete(change.value);
  return after;
}
