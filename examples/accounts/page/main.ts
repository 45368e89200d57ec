import { Satoshigle, SatoshigleError, type Profile, type State } from "@satoshigle/client";
import { currentUser, identityToken, login, logout, register, type User } from "./account.js";

const server = (import.meta.env.VITE_SERVER as string | undefined) ?? "http://localhost:3001";

const find = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const [remote, local] = [find<HTMLVideoElement>("remote"), find<HTMLVideoElement>("local")];
const valueOf = (id: string) => find<HTMLInputElement>(id).value;

let chat: Satoshigle | undefined;

function describe({ connection, activity }: State): string {
  if (connection.status !== "online") return connection.status;
  if (activity.phase === "waiting") return `Waiting with ${String(activity.waitingCount)} people`;
  if (activity.phase === "matched") return `In a call: ${activity.call}`;
  return "Press Start.";
}

/** Names and badges are text, never HTML. The picture of a profile would reveal the viewer's address to its server. */
function showPartner(profile: Profile | null): void {
  find("partner").textContent = profile?.name ?? "";
  find("badges").textContent = profile?.badges.join(", ") ?? "";
}

function showProblem(error: unknown): void {
  find("problem").textContent = error instanceof Error ? error.message : String(error);
}

/** Each person gets a client of its own. */
function enter(user: User): void {
  const client = new Satoshigle(server, { identity: ({ signal }) => identityToken(signal) });
  client.on("state", (state) => {
    find("status").textContent = describe(state);
    showPartner(state.activity.phase === "matched" ? state.activity.profile : null);
  });
  client.on("partnerStream", (stream) => (remote.srcObject = stream));
  client.on("error", showProblem);
  chat = client;
  find("me").textContent = user.name;
  show("room");
  if (client.resumable) run(() => resume(client));
}

/** The page was reloaded: a call goes on. */
async function resume(client: Satoshigle): Promise<void> {
  await client.connect();
  if (client.state.activity.phase !== "idle") await openCamera();
}

async function leave(): Promise<void> {
  await chat?.close();
  chat = undefined;
  await logout();
  show("entrance");
}

function show(part: "entrance" | "room"): void {
  find("entrance").hidden = part !== "entrance";
  find("room").hidden = part !== "room";
}

async function openCamera(): Promise<void> {
  local.srcObject ??= await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  await chat?.setMedia(local.srcObject as MediaStream);
}

async function start(): Promise<void> {
  await openCamera();
  await chat?.start();
}

/** Runs a command; the errors it can have are sentences for people. */
function run(command: () => Promise<void> | undefined): void {
  find("problem").textContent = "";
  Promise.resolve()
    .then(command)
    .catch((error: unknown) => {
      if (!(error instanceof SatoshigleError && error.code === "closed")) showProblem(error);
    });
}

find("entrance").addEventListener("submit", (event) => {
  event.preventDefault();
  const isNew = event.submitter?.id === "register";
  const [name, password, country] = [valueOf("name"), valueOf("password"), valueOf("country")];
  run(async () => enter(await (isNew ? register(name, password, country) : login(name, password))));
});
find("logout").addEventListener("click", () => run(leave));
find("start").addEventListener("click", () => run(start));
find("next").addEventListener("click", () => run(() => chat?.next()));
find("report").addEventListener("click", () => run(() => chat?.report("other")));
find("stop").addEventListener("click", () => run(() => chat?.stop()));

run(async () => {
  const user = await currentUser();
  if (user) enter(user);
  else show("entrance");
});
