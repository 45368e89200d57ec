import { render } from "preact";
import { Satoshigle } from "@satoshigle/client";
import { App } from "./app.js";
import { connectEarly } from "./connect-early.js";
import { hasKeptSession, keepSession, lastingStorage, noteLeaving, noteReturn, tabStorage } from "./kept-session.js";
import { serverPath } from "./server-url.js";
import { speakFirst } from "./use-page-language.js";
import "./styles/index.css";

const storage = tabStorage();
const resuming = hasKeptSession(storage, Date.now());
addEventListener("pagehide", () => noteLeaving(storage, Date.now()));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) noteLeaving(storage, Date.now());
  else noteReturn(storage);
});

const stores = { storage: keepSession(storage), tipStorage: lastingStorage() };
const client = new Satoshigle(location.origin, { path: serverPath(), ...stores });
if (!resuming) void connectEarly(client);
const root = document.getElementById("app");
const language = await speakFirst();
if (root) render(<App client={client} resuming={resuming} language={language} />, root);
