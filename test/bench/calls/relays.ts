import type { Closer } from "../redis/closing.js";
import { candidate, sdp } from "../redis/payloads.js";
import { MeasuredProcess, type Placing } from "../redis/process.js";
import { failure } from "../redis/system.js";
import { Frames, frameOf } from "./frames.js";
import { isPing, openSocketIo } from "./socket-io.js";
import { CANDIDATES, type System } from "./system.js";

const offer = JSON.stringify({ type: "offer", sdp });
const answer = JSON.stringify({ type: "answer", sdp });
const one = JSON.stringify({ candidate });
const all = JSON.stringify({ candidates: Array.from({ length: CANDIDATES }, () => candidate) });

/** How each relay is spoken to. */
const dialects = {
  webSocket: {
    name: "raw ws relay",
    program: "test/bench/calls/ws-server.ts",
    open: (port: number) => Frames.open(port, "/"),
    join: (room: string) => `j${room}`,
    signal: (json: string) => json,
  },
  socketIo: {
    name: "minimal socket.io relay",
    program: "test/bench/calls/socket-io-server.ts",
    open: async (port: number) => (await openSocketIo(port)).frames,
    join: (room: string) => `42["join","${room}"]`,
    signal: (json: string) => `42["signal",${json}]`,
  },
};

interface Pair {
  waiter: Frames;
  seeker: Frames;
  /** How the two ask for each other. On a relay without matching, a pair stays together. */
  join: Buffer;
}

/** A relay that knows rooms and nothing else. */
export class Relay implements System {
  private constructor(
    readonly name: string,
    private readonly frames: Record<"offer" | "answer" | "candidate", Buffer>,
    /** Messages with candidates that each side sends. */
    private readonly bursts: number,
    readonly server: MeasuredProcess,
    private readonly people: readonly Pair[],
    readonly failed: Promise<never>,
  ) {}

  /** The same relay twice: with candidates one by one, and with those of a side in one message. */
  static async start(
    kind: keyof typeof dialects,
    pairs: number,
    placing: Placing,
    later: (closer: Closer) => void,
  ): Promise<Relay[]> {
    const { name, program, open, join, signal } = dialects[kind];
    const server = await MeasuredProcess.start(["--import", "tsx", program], {}, later, placing);
    const { failed, fail } = failure();
    const people: Pair[] = [];
    while (people.length < pairs) {
      const [waiter, seeker] = [await open(server.port), await open(server.port)];
      waiter.onFailure = seeker.onFailure = fail;
      const pair = { waiter, seeker, join: frameOf(join(String(people.length))) };
      people.push(pair);
      ask(pair);
    }
    const create = (title: string, candidates: string, bursts: number) => {
      const [first, second, third] = [offer, answer, candidates].map((json) => frameOf(signal(json))) as Three;
      return new Relay(title, { offer: first, answer: second, candidate: third }, bursts, server, people, failed);
    };
    return [create(name, one, CANDIDATES), create(`${name}, candidates in one message`, all, 1)];
  }

  get pairs(): number {
    return this.people.length;
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  async exchange(_pass: number, index: number): Promise<void> {
    const pair = this.people[index];
    if (pair === undefined) throw new Error("there are not so many pairs");
    ask(pair);
    await new Promise((resolve) => setImmediate(resolve)); // apart, as a person's messages are
    await this.#talk(pair);
  }

  /** Until each side has heard all. The next candidate goes out when the one before has arrived: one by one. */
  #talk({ waiter, seeker }: Pair): Promise<void> {
    const frames = this.frames;
    let left = 2 * this.bursts;
    return new Promise((resolve) => {
      const trickle = (from: Frames, to: Frames) => {
        let arrived = 0;
        listen(to, () => {
          if (++arrived < this.bursts) from.write(frames.candidate);
          if (--left === 0) resolve();
        });
        from.write(frames.candidate);
      };
      listen(waiter, () => waiter.write(frames.answer));
      listen(seeker, () => {
        trickle(waiter, seeker);
        trickle(seeker, waiter);
      });
      seeker.write(frames.offer);
    });
  }
}

type Three = [Buffer, Buffer, Buffer];

function ask({ waiter, seeker, join }: Pair): void {
  waiter.write(join);
  seeker.write(join);
}

function listen(frames: Frames, hear: () => void): void {
  frames.onMessage = (message) => {
    if (!isPing(frames, message)) hear();
  };
}
