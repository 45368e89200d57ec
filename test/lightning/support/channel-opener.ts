import { ChannelCommands } from "../../../src/app/channel-commands.js";
import { NodeWatch } from "../../../src/app/node-watch.js";
import type { ChannelAct } from "../../../src/core/channel-command.js";
import { UNNAMED } from "../../../src/core/case.js";
import type { CommandId } from "../../../src/core/ids.js";
import { systemClock } from "../../../src/adapters/node/clock.js";
import type { ChannelStore } from "../../../src/ports/channel-store.js";
import { openStores } from "../../support/store-fixture.js";
import { nodeOfParent } from "./node-bridge.js";

// A process to be killed. It runs one command on the node of its parent, with the store in the folder of its first argument.
const [folder = "", id = "", act = "", killedAfter = ""] = process.argv.slice(2);
const stores = openStores(folder);
/** The store, after one of whose verbs the process is killed. */
const store = new Proxy(stores.channels, {
  get:
    (target, verb: keyof ChannelStore) =>
    async (...args: never[]) => {
      const answer = await (target[verb] as (...args: never[]) => Promise<unknown>).apply(target, args);
      if (verb === killedAfter) process.kill(process.pid, "SIGKILL");
      return answer;
    },
});
const onError = () => undefined;
const node = nodeOfParent();
const watch = new NodeWatch({ node, clock: systemClock, onAway: onError, onError });
const commands = new ChannelCommands({ node, store, watch, clock: systemClock, onError });
const state = await commands.run({ id: id as CommandId, act: JSON.parse(act) as ChannelAct, by: UNNAMED }).then(
  (command) => command.state,
  (error: unknown) => String(error),
);
process.send?.({ state });
await stores.close();
process.disconnect();
