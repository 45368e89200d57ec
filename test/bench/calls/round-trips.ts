import { once } from "node:events";
import net from "node:net";
import { type Closer, closing } from "../redis/closing.js";
import { RawClient } from "../redis/raw-client.js";
import { startSatoshigle, CallClient } from "./satoshigle.js";

/** How long bytes are under way between a client and the server, in milliseconds: all else is little beside it. */
const ONE_WAY_MS = 100;
/** A round trip between two clients: to the other by way of the server, and back. */
const ROUND_TRIP_MS = 4 * ONE_WAY_MS;

/**
 * Measures how many round trips between the two there are from a seeker's `Match` until both have the other's description,
 * over a slow link.
 */
export async function countRoundTrips(times: number): Promise<number[]> {
  return closing(async (later) => {
    const server = await startSatoshigle(true, {}, later);
    const port = await slowLineTo(server.port, later);
    const measured: number[] = [];
    while (measured.length < times) {
      const people = await Promise.all([RawClient.open(port), RawClient.open(port)]);
      await Promise.all(people.map((client) => client.connect()));
      const [waiter, seeker] = people.map((client) => new CallClient(client));
      if (waiter === undefined || seeker === undefined) throw new Error("a client is missing");
      measured.push((await describe(waiter, seeker, String(measured.length))) / ROUND_TRIP_MS);
      for (const client of people) client.close();
    }
    return measured;
  });
}

/** Milliseconds from the seeker's call to its partner's answer, by which time the offer has long arrived. */
async function describe(waiter: CallClient, seeker: CallClient, interest: string): Promise<number> {
  const waiting = await waiter.ask(interest, true);
  const startMs = performance.now();
  const asked = seeker.ask(interest, true);
  const answered = waiting.matched.then(() => waiter.send("answer"));
  await seeker.untilReceived(1);
  const ms = performance.now() - startMs;
  await Promise.all([asked, answered]);
  return ms;
}

async function slowLineTo(port: number, later: (closer: Closer) => void): Promise<number> {
  const line = net.createServer((near) => {
    const far = net.connect({ port, host: "127.0.0.1", noDelay: true });
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("data", (chunk) => setTimeout(() => to.write(chunk), ONE_WAY_MS));
      from.on("error", () => undefined); // "close" follows
      from.on("close", () => to.destroy());
    }
  });
  line.listen(0, "127.0.0.1");
  await once(line, "listening");
  later(async () => {
    line.close();
    await once(line, "close");
  });
  return (line.address() as net.AddressInfo).port;
}
