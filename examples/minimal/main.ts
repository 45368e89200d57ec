import { Satoshigle, type State } from "@satoshigle/client";

const server = (import.meta.env.VITE_SERVER as string | undefined) ?? "http://localhost:3001";
const chat = new Satoshigle(server);

const find = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const [remote, local] = [find<HTMLVideoElement>("remote"), find<HTMLVideoElement>("local")];
const [status, line, lines] = [find("status"), find<HTMLInputElement>("line"), find("lines")];

function describe({ connection, activity }: State): string {
  if (connection.status !== "online") return connection.status;
  if (activity.phase === "waiting") return `Waiting with ${String(activity.waitingCount)} people`;
  if (activity.phase === "matched") return `In a call: ${activity.call}`;
  return "Press Start.";
}

function show(text: string): void {
  const item = document.createElement("li");
  item.textContent = text;
  lines.append(item);
}

chat.on("state", (state) => (status.textContent = describe(state)));
chat.on("partnerStream", (stream) => (remote.srcObject = stream));
chat.on("matched", () => lines.replaceChildren());
chat.on("message", ({ from, text }) => show(`${from}: ${text}`));
chat.on("ended", ({ reason }) => show(`The match ended: ${reason}`));
chat.on("error", (error) => show(error.message));

/** Runs a command; the errors it can have are sentences for people. */
function run(command: () => Promise<void> | void): void {
  Promise.resolve()
    .then(command)
    .catch((error: unknown) => show(error instanceof Error ? error.message : String(error)));
}

async function start(): Promise<void> {
  local.srcObject ??= await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  await chat.setMedia(local.srcObject as MediaStream);
  await chat.start();
}

find("start").addEventListener("click", () => run(start));
find("next").addEventListener("click", () => run(() => chat.next()));
find("stop").addEventListener("click", () => run(() => chat.stop()));
find("chat").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = line.value;
  run(() => chat.say(text));
  line.value = "";
});
