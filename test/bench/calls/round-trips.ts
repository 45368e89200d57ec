import { once } from "node:events";
import net from "node:net";
import { type Closer, closing } from "../redis/closing.js";
import { Guest } from "../redis/guest.js";
import { startSatoshigle, Talker } from "./satoshigle.js";

/** How long bytes are under way between a client and the server, in milliseconds: all else is little beside it. */
const ONE_WAY_MS = 100;
/** A round trip between two clients: to the other by way of the server, and back. */
const ROUND_TRIP_MS = 4 * ONE_WAY_MS;

/**
 * How many round trips between the two it takes from a seeker's `Match` until both have the other's description, measured
 * behind a slow line.
 */
export async function countRoundTrips(times: number): Promise<number[]> {
  return closing(async (later) => {
    const server = await startSatoshigle(true, {}, later);
    const port = await slowLineTo(server.port, later);
    const measured: number[] = [];
    while (measured.length < times) {
      const people = await Promise.all([Guest.open(port), Guest.open(port)]);
      await Promise.all(people.map((guest) => guest.connect()));
      const [waiter, seeker] = people.map((guest) => new Talker(guest));
      if (waiter === undefined || seeker === undefined) throw new Error("nobody is there");
      measured.push((await describe(waiter, seeker, String(measured.length))) / ROUND_TRIP_MS);
      for (const guest of people) guest.close();
    }
    return measured;
  });
}

/** Milliseconds from the seeker's call until its partner's answer is there; the offer has then been for long. */
async function describe(waiter: Talker, seeker: Talker, interest: string): Promise<number> {
  const waiting = await waiter.ask(interest, true);
  const startMs = performance.now();
  const asked = seeker.ask(interest, true);
  const answered = waiting.matched.then(() => waiter.send("answer"));
  await seeker.hears(1);
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
