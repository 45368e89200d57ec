import type { Server } from "node:net";
import { AskPipe, hasPipe } from "./ask-pipe.js";
import { nameOf } from "./commit-queue.js";
import { EmbeddedStore } from "./embedded-store.js";
import { type Answer, type Ask, type ChildMessage, type Opening, type Order, packError } from "./store-messages.js";

// Entry point of a child process: holds the databases of a folder for the server that started it. LMDB may crash it at
// any time. It exits when the server exits for any reason, and ignores signals that a terminal sends to both.

/** How long `close` waits for the end of the pipe, in milliseconds. */
const PIPE_END_MS = 2_000;

let store: EmbeddedStore | undefined;
/** The answers of this turn of the event loop, which are sent in one message. */
const answers: Answer[] = [];

const pipe = hasPipe ? new AskPipe((ask) => void answer(ask)) : undefined;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => undefined);
process.once("disconnect", () => void close());
process.on("message", (order: Order, claim?: Server) => {
  if (order.type === "open") void open(order, claim);
  else if (order.type === "ask") void answer(order);
  else void close();
});

/** @param claim the socket of the folder, which stays claimed while this process runs, even without the server */
async function open({ folder, maxEvents, fault }: Opening, claim?: Server): Promise<void> {
  claim?.on("connection", (socket) => socket.destroy()).unref();
  const onTrouble = (code: string | undefined) => {
    if (store !== undefined) send({ type: "trouble", code });
  };
  const onBroken = (code: string) => {
    setImmediate(() => {
      sendAnswers(); // first those to the changes that were not stored
      send({ type: "broken", code }, end);
    });
  };
  try {
    store = await EmbeddedStore.open({ folder, maxEvents, fault, onTrouble, onBroken });
    send({ type: "opened", trouble: store.trouble });
  } catch (error) {
    send({ type: "failed", code: nameOf(error) }, end);
  }
}

async function answer({ id, port, verb, args }: Ask): Promise<void> {
  try {
    add({ id, result: await store?.ask(port, verb, args) });
  } catch (error) {
    add({ id, error: packError(error) });
  }
}

/** A commit settles many requests at once: one message about all of them costs the server less than one about each. */
function add(answer: Answer): void {
  if (answers.push(answer) === 1) setImmediate(sendAnswers);
}

function sendAnswers(): void {
  if (answers.length > 0) send({ type: "answers", answers: answers.splice(0) });
}

/** Handles what is left in the pipe first. */
async function close(): Promise<void> {
  await Promise.race([pipe?.ended, new Promise((resolve) => setTimeout(resolve, PIPE_END_MS))]);
  await store?.close();
  sendAnswers();
  send({ type: "closed" }, end);
}

function send(message: ChildMessage, onSent: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, undefined, undefined, onSent);
  else onSent();
}

/** Exits at once: after a failed write, LMDB's memory may be corrupt and must not be written to the file. */
function end(): void {
  process.kill(process.pid, "SIGKILL");
}
