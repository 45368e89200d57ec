import { useEffect, useState } from "preact/hooks";
import type {
  ChannelCommand,
  ChannelRecord,
  GetNodeResponse,
  GetPolicyResponse,
} from "../../../gen/satoshigle/internal/v1/channel_pb.js";
import { OperatorRole } from "../../../gen/satoshigle/internal/v1/operator_pb.js";
import type { Clients } from "../clients.js";
import { useMay } from "../operator/operator.js";
import { type Loaded, useLoaded } from "../parts/use-loaded.js";
import { useNotice } from "../parts/use-notice.js";
import { usePages } from "../parts/use-pages.js";
import { ChannelsPanel } from "./channels-panel.js";
import { CloseDialog } from "./close-dialog.js";
import { CommandsPanel } from "./commands-panel.js";
import { FeesDialog } from "./fees-dialog.js";
import { NodePanel } from "./node-panel.js";
import { OpenDialog } from "./open-dialog.js";
import { PolicyDialog } from "./policy-dialog.js";
import { PolicyPanel } from "./policy-panel.js";
import { useChannels } from "./use-channels.js";

type Props = Pick<Clients, "channels" | "commands" | "channelStreams">;

/** The dialog that is open. */
type Asked =
  | { kind: "open" }
  | { kind: "close" | "fees"; channel: ChannelRecord }
  | { kind: "policy"; found: GetPolicyResponse }
  | undefined;

/** How often the server reads the node, in milliseconds. */
const EVERY_MS = 15_000;
const COMMANDS_ON_A_PAGE = 20;

/** The operator's node, its channels, and the commands to it. */
export function LightningPage(props: Props) {
  const node = useLoaded((signal) => props.channels.getNode({}, { signal }));
  const isAnswered = node.value !== undefined || node.problem !== "";
  return (
    <>
      <div class="heading">
        <h1>Lightning</h1>
        <p class="soft">the operator’s own node; nothing is done without a command</p>
      </div>
      {!isAnswered && <p class="none">Loading…</p>}
      {node.reason === "NODE_MISSING" ? <NoNode /> : isAnswered && <Node {...props} node={node} />}
    </>
  );
}

function Node({ node, ...props }: Props & { node: Loaded<GetNodeResponse> }) {
  const { channels } = props;
  const policy = useLoaded((signal) => channels.getPolicy({}, { signal }));
  const commands = usePages<ChannelCommand>(async (pageToken, signal) => {
    const page = await channels.listCommands({ pageSize: COMMANDS_ON_A_PAGE, pageToken }, { signal });
    return { rows: page.commands, nextPageToken: page.nextPageToken };
  });
  const watched = useChannels(props, node.value !== undefined);
  useEffect(() => {
    const timer = setInterval(node.reload, EVERY_MS);
    return () => {
      clearInterval(timer);
    };
  }, []);
  useEffect(() => {
    if (watched.channels) node.reload(); // what can be sent and received has changed with them
  }, [watched.change]);
  const [asked, setAsked] = useState<Asked>();
  const { notice, say } = useNotice();
  const mayCommand = useMay(OperatorRole.ADMIN);
  const reload = () => {
    node.reload();
    policy.reload();
    commands.reload();
  };
  const done = (text: string) => {
    setAsked(undefined);
    say(text);
    reload();
  };
  const close = () => {
    setAsked(undefined);
    commands.reload(); // a command that the node refused is among them
  };
  return (
    <>
      {node.problem !== "" && (
        <p class="problem" role="alert">
          {node.problem}
        </p>
      )}
      {notice}
      <NodePanel node={node.value} policy={policy.value?.policy} />
      <div class="buttons panel-buttons">
        {mayCommand && (
          <button type="button" class="main" onClick={() => setAsked({ kind: "open" })}>
            Open a channel
          </button>
        )}
      </div>
      <ChannelsPanel
        {...watched}
        onClose={(channel) => setAsked({ kind: "close", channel })}
        onFees={(channel) => setAsked({ kind: "fees", channel })}
      />
      <PolicyPanel found={policy.value} onChange={(found) => setAsked({ kind: "policy", found })} />
      <CommandsPanel pages={commands} />
      {asked && <Asking {...props} asked={asked} onClose={close} onDone={done} />}
    </>
  );
}

function NoNode() {
  return (
    <section class="panel">
      <p class="none">
        There is no node: the variable <code>LND_URL</code> is not set. With it, and <code>LND_TLS_CERT_FILE</code> and{" "}
        <code>LND_MACAROON_FILE</code>, this page shows the operator’s node and its channels.
      </p>
    </section>
  );
}

interface AskingProps extends Props {
  asked: NonNullable<Asked>;
  onClose: () => void;
  onDone: (text: string) => void;
}

function Asking({ channels, commands, asked, ...rest }: AskingProps) {
  switch (asked.kind) {
    case "open":
      return <OpenDialog commands={commands} {...rest} />;
    case "close":
      return <CloseDialog commands={commands} channel={asked.channel} {...rest} />;
    case "fees":
      return <FeesDialog commands={commands} channel={asked.channel} {...rest} />;
    case "policy":
      return <PolicyDialog channels={channels} found={asked.found} {...rest} />;
  }
}
