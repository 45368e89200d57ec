import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { RenewableFetch } from "../../src/client/connection/renewable-fetch.js";

let requests: RequestInit[];
let responses: (() => void)[];
let renewable: RenewableFetch;
beforeEach(() => {
  requests = [];
  responses = [];
  vi.stubGlobal("fetch", (_input: unknown, init: RequestInit) => {
    requests.push(init);
    return new Promise((resolve, reject) => {
      responses.push(() => resolve(new Response("body")));
      init.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
  });
  renewable = new RenewableFetch();
});
afterEach(() => vi.unstubAllGlobals());

/** Starts a request. Returns how it ends: with a status, or the name of an error. */
function start(signal?: AbortSignal): Promise<number | string> {
  return renewable.fetch("/", signal ? { signal } : {}).then(
    ({ status }) => status,
    (error: unknown) => (error as Error).name,
  );
}

it("sends requests of another credentials mode after each renewal, so that browsers use another connection", () => {
  void start();
  renewable.renew();
  void start();
  renewable.renew();
  void start();
  expect(requests.map(({ credentials }) => credentials)).toEqual(["same-origin", "omit", "same-origin"]);
});

it("aborts requests without a response, but no response that is arriving", async () => {
  const [answered, unanswered] = [start(), start()];
  responses[0]?.();
  expect(await answered).toBe(200);
  renewable.renew();
  expect(await unanswered).toBe("AbortError");
  expect(requests.map(({ signal }) => signal?.aborted)).toEqual([false, true]);
});

it("passes the caller's abort on, also after the response has begun", async () => {
  const abort = new AbortController();
  const answered = start(abort.signal);
  responses[0]?.();
  await answered;
  abort.abort();
  expect(requests[0]?.signal?.aborted).toBe(true);
});
