import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { MatchRequestSchema } from "../../../gen/satoshigle/v1/matching_pb.js";
import { SendRequestSchema } from "../../../gen/satoshigle/v1/signaling_pb.js";
import { candidate } from "../redis/payloads.js";
import { CallLine } from "./call-line.js";
import { Person, type Position } from "./person.js";
import { type CrowdRecord, emptyRecord } from "./record.js";

/** People who open, lose or take over streams at the same time. */
const AT_A_TIME = 64;
/** Connections for unary calls. */
const LINES = 8;

/** People of these places, each with the one at a distance. */
export interface Pairs {
  from: number;
  to: number;
  distance: number;
}

/** People in pairs, on instances that they choose by turns. */
export class Crowd {
  readonly people: Person[] = [];
  readonly #place = { record: emptyRecord(), cutMs: 0, port: () => this.#nextPort() };
  #ports: readonly number[] = [];
  #turn = 0;

  /** From now on, people connect to these instances. */
  connectTo(ports: readonly number[]): void {
    this.#ports = ports;
  }

  /** Opens sessions and matches each with the next one. */
  async open(size: number): Promise<void> {
    const newcomers = Array.from({ length: size }, (_, index) => new Person(this.#place, this.people.length + index));
    this.people.push(...newcomers);
    await inTurn(newcomers, (person) => {
      const attached = person.attached();
      person.open();
      return attached;
    });
  }

  /** Matches each of these people with the one at the other place. */
  match({ from, to, distance }: Pairs): Promise<void> {
    const step = distance === 1 ? 2 : 1;
    const places = Array.from({ length: Math.ceil((to - from) / step) }, (_, pair) => from + pair * step);
    return this.#callInTurn(places, async (line, place) => {
      const sides = [this.people[place], this.people[place + distance]].filter((side) => side !== undefined);
      const wish = encode(MatchRequestSchema, { preferences: { interests: [`pair-${String(place)}`] } });
      const matched = sides.map((side) => new Promise<void>((resolve) => (side.onMatched = resolve)));
      for (const side of sides) await line.call(side.token, "MatchService/Match", wish);
      await Promise.all(matched);
    });
  }

  /** Each of these people sends the partner a signal. */
  send({ from, to }: { from: number; to: number }): Promise<void> {
    return this.#callInTurn(this.people.slice(from, to), ({ call }, { token, matchId }) => {
      const signals = [{ kind: { case: "candidate" as const, value: candidate } }];
      return call(token, "SignalService/Send", encode(SendRequestSchema, { matchId, clientSequence: 1, signals }));
    });
  }

  async #callInTurn<Item>(items: Iterable<Item>, act: (line: CallLine, item: Item) => Promise<void>): Promise<void> {
    const lines = await Promise.all(Array.from({ length: LINES }, () => CallLine.open(this.#nextPort())));
    const left = items[Symbol.iterator]();
    const actInTurn = async (line: CallLine) => {
      for (let next = left.next(); next.done !== true; next = left.next()) await act(line, next.value);
    };
    await Promise.all(lines.map(actInTurn));
    for (const line of lines) line.close();
  }

  /** Everybody loses the stream and comes back, a few at a time and without delay. Returns how long that took. */
  async resumeInTurn(): Promise<number> {
    const startMs = performance.now();
    await inTurn(this.people, (person) => {
      person.cut();
      const attached = person.attached();
      person.open();
      return attached;
    });
    return performance.now() - startMs;
  }

  /** From now on, everything that happens counts from a cut. */
  begin(): void {
    Object.assign(this.#place, { record: emptyRecord(), cutMs: performance.now() });
  }

  get positions(): Position[] {
    return this.people.map((person) => person.position);
  }

  /** Becomes the crowd that had these sessions until its streams broke now. */
  takeOver(positions: readonly Position[]): void {
    this.begin();
    for (const position of positions) {
      const person = new Person(this.#place, this.people.length);
      this.people.push(person);
      person.takeOver(position);
    }
  }

  /** When those who are attached were, in milliseconds after the cut. */
  get attachedMs(): number[] {
    return this.people.flatMap(({ attachedMs }) => attachedMs ?? []);
  }

  get record(): CrowdRecord {
    return this.#place.record;
  }

  #nextPort(): number {
    return this.#ports[this.#turn++ % this.#ports.length] ?? 0;
  }
}

async function inTurn<Item>(items: readonly Item[], act: (item: Item) => Promise<void>): Promise<void> {
  const left = items.values();
  const actInTurn = async () => {
    for (const item of left) await act(item);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, actInTurn));
}

function encode<Desc extends DescMessage>(schema: Desc, message: MessageInitShape<Desc>): Uint8Array {
  return toBinary(schema, create(schema, message));
}
