import { render } from "preact";
import { Satoshigle } from "@satoshigle/client";
import { App } from "./app.js";
import { connectEarly } from "./connect-early.js";
import { hasKeptSession, keepSession, noteLeaving, noteReturn, tabStorage, tipStorage } from "./kept-session.js";
import "./styles/index.css";

const storage = tabStorage();
const resuming = hasKeptSession(storage, Date.now());
addEventListener("pagehide", () => noteLeaving(storage, Date.now()));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) noteLeaving(storage, Date.now());
  else noteReturn(storage);
});

const path = document.querySelector<HTMLMetaElement>('meta[name="satoshigle-path"]')?.content ?? "";
const client = new Satoshigle(location.origin, { path, storage: keepSession(storage), tipStorage: tipStorage() });
if (!resuming) void connectEarly(client);
const root = document.getElementById("app");
if (root) render(<App client={client} resuming={resuming} />, root);
