import { type Challenge, prove } from "./proof-of-work.js";

// The code of the worker that solves a challenge. An error reaches the page as its `error` event.
addEventListener("message", ({ data }: MessageEvent<Challenge>) => {
  void prove(data).then((payload) => postMessage(payload));
});
