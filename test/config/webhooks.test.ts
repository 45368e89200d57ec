import { expect, it } from "vitest";
import { KEY } from "./support/event-mistakes.js";
import { refusalsOf } from "./support/refusals.js";

it("accepts several receivers and secrets of webhooks, and receivers on this machine over HTTP", () => {
  const urls = "https://app.example.com/hook?key=a, http://127.0.0.1:8787/, http://localhost/x";
  expect(refusalsOf({ WEBHOOK_URLS: urls, WEBHOOK_SECRET: `${KEY},${KEY}BBBB`, WEBHOOK_EVENTS: "ban.lifted" })).toEqual(
    [],
  );
});
