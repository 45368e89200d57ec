import type { SatoshigleError } from "../errors.js";
import { type Challenge, prove } from "./proof-of-work.js";

/** How long a worker may take, in milliseconds: ten times what the hardest challenge takes on a phone. */
const WORKER_PATIENCE_MS = 10_000;

/** Solves the challenge that a session was refused with. */
export async function solve({ problem: text = "" }: Pick<SatoshigleError, "problem">): Promise<string> {
  const challenge = JSON.parse(text) as Challenge;
  return proveInWorker(challenge).catch(() => prove(challenge));
}

/** Rejects where no worker can start: an old browser, a bundler that moves it, a content security policy. */
function proveInWorker(challenge: Challenge): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("./challenge-worker.js", import.meta.url), { type: "module" });
    const end = (act: () => void): void => {
      clearTimeout(timer);
      worker.terminate();
      act();
    };
    const timer = setTimeout(() => end(reject), WORKER_PATIENCE_MS);
    worker.onmessage = ({ data }: MessageEvent<string>) => end(() => resolve(data));
    worker.onerror = () => end(reject);
    worker.postMessage(challenge);
  });
}
