import type { Closer } from "../redis/closing.js";
import { candidate, sdp } from "../redis/payloads.js";
import { MeasuredProcess, type Placing } from "../redis/process.js";
import { failure } from "../redis/system.js";
import { type Frames, frameOf } from "./frames.js";
import { isPing, openSocketIo } from "./socket-io.js";
import { CANDIDATES, type System } from "./system.js";

/** Prefix of a Socket.IO acknowledgement, and the ID with which a client requests it. */
const ACK = "43";
const ACK_ID = "7";

const events = ["find-match", "offer", "answer", "ice-candidate", "leave"] as const;
type Event = (typeof events)[number];

const messages: Record<Event, unknown> = {
  "find-match": {},
  offer: { type: "offer", sdp },
  answer: { type: "answer", sdp },
  "ice-candidate": { candidate },
  leave: {},
};

/** One client on a connection. */
class OriginalClient {
  onPaired: (partner: string, initiator: boolean) => void = () => undefined;
  onDescription: () => void = () => undefined;
  onCandidate: () => void = () => undefined;
  onLeft: () => void = () => undefined;
  onAcknowledged: () => void = () => undefined;

  constructor(
    private readonly frames: Frames,
    readonly id: string,
    private readonly requests: Record<Event, Buffer>,
  ) {
    frames.onMessage = (message) => {
      if (!isPing(frames, message)) this.#hear(message.toString("latin1"));
    };
  }

  send(event: Event): void {
    this.frames.write(this.requests[event]);
  }

  #hear(text: string): void {
    if (text.startsWith(ACK)) {
      if (text.includes('"ok":true')) this.onAcknowledged();
      else this.frames.onFailure(new Error(`refused: ${text}`));
    } else if (text.startsWith('42["ice-candidate"')) this.onCandidate();
    else if (text.startsWith('42["match-found"')) {
      this.onPaired(/"partnerId":"([^"]+)"/.exec(text)?.[1] ?? "", text.includes('"initiator":true'));
    } else if (text.startsWith('42["partner-left"')) this.onLeft();
    else this.onDescription();
  }
}

/** The flow of the original, 26 messages from clients. The server decides the pairs. */
export class Original implements System {
  readonly #people = new Map<string, OriginalClient>();
  readonly #underWay: (() => void)[] = [];

  private constructor(
    readonly name: string,
    private readonly acknowledged: boolean,
    readonly server: MeasuredProcess,
    private readonly sides: readonly OriginalClient[],
    readonly failed: Promise<never>,
  ) {
    for (const side of sides) this.#people.set(side.id, side);
  }

  /** @param acknowledged whether each message is acknowledged, like each of our calls */
  static async start(
    acknowledged: boolean,
    pairs: number,
    placing: Placing,
    later: (closer: Closer) => void,
  ): Promise<Original> {
    const program = ["--import", "tsx", "test/bench/calls/original-server.ts"];
    const server = await MeasuredProcess.start(program, {}, later, placing);
    const { failed, fail } = failure();
    const frame = (event: Event) =>
      frameOf(`42${acknowledged ? ACK_ID : ""}${JSON.stringify([event, messages[event]])}`);
    const requests = Object.fromEntries(events.map((event) => [event, frame(event)])) as Record<Event, Buffer>;
    const sides: OriginalClient[] = [];
    while (sides.length < 2 * pairs) {
      const { frames, id } = await openSocketIo(server.port);
      frames.onFailure = fail;
      sides.push(new OriginalClient(frames, id, requests));
    }
    const name = `the original's flow${acknowledged ? "" : ", nothing acknowledged"}`;
    return new Original(name, acknowledged, server, sides, failed);
  }

  get pairs(): number {
    return this.sides.length / 2;
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  exchange(pass: number, index: number): Promise<void> {
    const other = 2 * ((index + pass) % this.pairs) + 1;
    for (const side of [this.sides[2 * index], this.sides[other]]) {
      if (side === undefined) throw new Error("there are not so many pairs");
      side.onPaired = (partner, initiator) => {
        const waiter = this.#people.get(partner);
        if (initiator && waiter !== undefined) this.#talk(waiter, side);
      };
      side.send("find-match");
    }
    return new Promise((resolve) => this.#underWay.push(resolve));
  }

  /** Sends each candidate when the one before is acknowledged, or has arrived. */
  #talk(waiter: OriginalClient, seeker: OriginalClient): void {
    let left = 2 * CANDIDATES + (this.acknowledged ? 2 : 0);
    const count = () => {
      if (--left > 0) return;
      this.#part(waiter, seeker);
      for (const side of [waiter, seeker]) side.send("leave");
    };
    const trickle = (from: OriginalClient, to: OriginalClient) => {
      let sent = 0;
      const next = () => {
        if (sent++ < CANDIDATES) from.send("ice-candidate");
        else if (this.acknowledged) count();
      };
      to.onCandidate = () => {
        count();
        if (!this.acknowledged) next();
      };
      if (this.acknowledged) from.onAcknowledged = next;
      else next();
    };
    waiter.onDescription = () => {
      trickle(waiter, seeker);
      waiter.send("answer");
    };
    seeker.onDescription = () => {
      trickle(seeker, waiter);
      if (this.acknowledged) seeker.onAcknowledged();
    };
    seeker.send("offer");
  }

  /** Ends when the first leave has reached the other side, and both are acknowledged if requested. */
  #part(waiter: OriginalClient, seeker: OriginalClient): void {
    let left = this.acknowledged ? 3 : 1;
    const end = () => {
      if (--left > 0) return;
      for (const side of [waiter, seeker]) side.onAcknowledged = side.onLeft = () => undefined;
      this.#underWay.shift()?.();
    };
    for (const side of [waiter, seeker]) {
      side.onLeft = end;
      side.onAcknowledged = end;
    }
  }
}
