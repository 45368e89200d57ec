import { Satoshigle, SatoshigleError, type Preferences } from "@satoshigle/client";
import { currentUser, identityToken, login, logout, register, saveChoice, type User } from "./account.js";
import { exchangeMedia, switchCamera } from "./media.js";
import { chosen, fillCountries, find, show, showLine, showProblem, showState, showUser, valueOf } from "./view.js";

const server = (import.meta.env.VITE_SERVER as string | undefined) ?? "http://localhost:3001";

/** Who is signed in, and the client of this user. */
interface Room {
  user: User;
  client: Satoshigle;
}
let room: Room | undefined;

const isTextOnly = ({ choice, isRestricted }: User) => isRestricted || choice.textOnly;

/** Without the user's country and priority: the app says them, in the identity token. */
function preferencesOf(user: User): Preferences {
  return {
    attributes: { mode: [isTextOnly(user) ? "text" : "video"] },
    filters: { home_country: user.choice.countries },
  };
}

/** Each person gets a client of its own. */
function enter(user: User): void {
  const client = new Satoshigle(server, { identity: ({ signal }) => identityToken(signal) });
  const entered = { user, client };
  const exchange = () => void exchangeMedia(client, isTextOnly(entered.user)).catch(showProblem);
  client.on("state", showState);
  client.on("partnerStream", (stream) => (find<HTMLVideoElement>("remote").srcObject = stream));
  client.on("matched", () => {
    find("lines").replaceChildren();
    exchange();
  });
  client.on("ended", exchange);
  client.on("message", ({ from, text }) => showLine(`${from}: ${text}`));
  client.on("error", showProblem);
  exchange();
  room = entered;
  showUser(user);
  show("room");
  if (client.resumable) run(() => resume(entered));
}

/** The page was reloaded: a call goes on. */
async function resume(entered: Room): Promise<void> {
  await entered.client.connect();
  if (entered.client.state.activity.phase !== "idle") await openCamera(entered);
}

async function openCamera({ client, user }: Room): Promise<void> {
  await switchCamera(!isTextOnly(user));
  await exchangeMedia(client, isTextOnly(user));
}

async function start(entered: Room): Promise<void> {
  await openCamera(entered);
  await entered.client.start(preferencesOf(entered.user));
}

/** Whom to meet counts at once for somebody who waits, and from the next partner on in a call. */
async function choose(entered: Room): Promise<void> {
  entered.user = await saveChoice(chosen());
  if (entered.client.state.activity.phase !== "idle") await start(entered);
  else if (isTextOnly(entered.user)) await switchCamera(false);
}

async function leave({ client }: Room): Promise<void> {
  await client.close();
  room = undefined;
  await switchCamera(false);
  await logout();
  show("entrance");
}

/** Runs a command; the errors it can have are sentences for people. */
function run(command: () => unknown): void {
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
find("choice").addEventListener("change", () => run(() => room && choose(room)));
find("logout").addEventListener("click", () => run(() => room && leave(room)));
find("start").addEventListener("click", () => run(() => room && start(room)));
find("next").addEventListener("click", () => run(() => room?.client.next()));
find("report").addEventListener("click", () => run(() => room?.client.report("other")));
find("stop").addEventListener("click", () => run(() => room?.client.stop()));
find("chat").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = valueOf("line");
  find<HTMLFormElement>("chat").reset();
  run(() => room?.client.say(text));
});

fillCountries();
run(async () => {
  const user = await currentUser();
  if (user) enter(user);
  else show("entrance");
});
