import { beforeEach, describe, expect, it } from "vitest";
import { Arrivals } from "../../src/app/arrivals.js";
import { Departures } from "../../src/app/departures.js";
import { resumeSpreadMs } from "../../src/app/pace.js";
import { ManualTurns } from "../support/manual-turns.js";

const PACE = { perTurn: 4, atOnce: 8 };
const MANY = 1_000;

let loop: ManualTurns;
let arrivals: Arrivals;
/** Who was let in, in this order. */
let opened: string[];
let refused: number;
beforeEach(() => {
  loop = new ManualTurns();
  opened = [];
  refused = 0;
  const refuse = () => {
    refused++;
    throw new Error("too many newcomers");
  };
  arrivals = new Arrivals(PACE, refuse, loop.next);
});

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Passes turns, and what their work sets off, until nothing waits. */
async function passAll(): Promise<void> {
  do await settled();
  while (loop.pass());
}

interface Manner {
  isNew?: boolean;
  isGone?: () => boolean;
  onWait?: () => void;
  open?: () => Promise<unknown>;
}

function arrive(name: string, { isNew = false, isGone = () => false, onWait = () => undefined, open }: Manner = {}) {
  return arrivals.admit({ isNew, isGone, onWait }, () => {
    opened.push(name);
    return open?.() ?? Promise.resolve();
  });
}

const names = (kind: string, count: number) => Array.from({ length: count }, (_, index) => `${kind} ${String(index)}`);

describe("streams that many want to open", () => {
  it("opens immediately when there are few", () => {
    void arrive("ann");
    void arrive("bob", { isNew: true });
    expect(opened).toEqual(["ann", "bob"]);
  });

  it("serves those who come back in the order of their arrival", async () => {
    const all = names("back", MANY);
    for (const name of all) void arrive(name);
    await passAll();
    expect(opened).toEqual(all);
  });

  it("opens no more than its pace in one turn", async () => {
    for (const name of names("back", MANY)) void arrive(name);
    let before = 0;
    do {
      await settled();
      expect(opened.length - before).toBeLessThanOrEqual(PACE.perTurn);
      before = opened.length;
    } while (loop.pass());
    expect(before).toBe(MANY);
  });

  it("opens no more than its pace while the store does not answer", async () => {
    const answers: (() => void)[] = [];
    const open = () => new Promise<void>((resolve) => answers.push(resolve));
    for (const name of names("back", MANY)) void arrive(name, { open });
    await passAll();
    expect(opened).toHaveLength(PACE.atOnce);
    answers.shift()?.();
    await passAll();
    expect(opened).toHaveLength(PACE.atOnce + 1);
  });

  it("goes on after a stream that could not be opened", async () => {
    const failing = names("back", PACE.atOnce).map((name) =>
      arrive(name, { open: () => Promise.reject(new Error("away")) }),
    );
    const outcomes = Promise.allSettled(failing);
    const last = arrive("last");
    await passAll();
    await last;
    expect((await outcomes).every(({ status }) => status === "rejected")).toBe(true);
  });

  it("lets newcomers in after those who come back, and some of them all the time", async () => {
    for (const name of names("new", 100)) void arrive(name, { isNew: true });
    for (const name of names("back", 100)) void arrive(name);
    await passAll();
    expect(opened).toHaveLength(200);
    const begun = opened.slice(PACE.perTurn); // these found nobody else
    const meanwhile = begun.slice(0, begun.lastIndexOf("back 99"));
    const newcomers = meanwhile.filter((name) => name.startsWith("new")).length;
    expect(newcomers / meanwhile.length).toBeGreaterThan(0.1);
    expect(newcomers / meanwhile.length).toBeLessThan(0.15);
    expect(
      opened.filter((name) => name.startsWith("new")),
      "in their own order",
    ).toEqual(names("new", 100));
  });

  it("refuses newcomers when too many wait, and never those who come back", async () => {
    const newcomers = names("new", 2 * MANY).map((name) => arrive(name, { isNew: true }));
    const returning = names("back", 2 * MANY).map((name) => arrive(name));
    const outcomes = Promise.allSettled(newcomers);
    await passAll();
    await Promise.all(returning);
    await outcomes;
    expect(refused).toBeGreaterThan(0);
    expect(opened).toHaveLength(4 * MANY - refused);
  });

  it("opens nothing for clients that left while they waited", async () => {
    for (const name of names("first", PACE.perTurn)) void arrive(name);
    const gone = names("gone", MANY).map((name) => arrive(name, { isGone: () => true }));
    const outcomes = Promise.allSettled(gone);
    void arrive("last");
    await passAll();
    expect(opened).toEqual([...names("first", PACE.perTurn), "last"]);
    expect((await outcomes).every(({ status }) => status === "rejected")).toBe(true);
  });

  it("tells a client that it has to wait only if many are before it", async () => {
    const waiting: string[] = [];
    for (const name of names("back", MANY)) void arrive(name, { onWait: () => waiting.push(name) });
    expect(waiting).not.toContain("back 0");
    expect(waiting).not.toContain("back 50");
    expect(waiting).toContain("back 999");
    await passAll();
  });
});

describe("sessions of streams that broke together", () => {
  it("are released in order, a bounded number in each turn", async () => {
    const departures = new Departures(PACE, loop.next);
    const left: number[] = [];
    const all = Array.from({ length: MANY }, (_, index) =>
      departures.add(() => {
        left.push(index);
        return Promise.resolve();
      }),
    );
    let before = 0;
    do {
      await settled();
      expect(left.length - before).toBeLessThanOrEqual(PACE.perTurn);
      before = left.length;
    } while (loop.pass());
    await Promise.all(all);
    expect(left).toEqual(Array.from({ length: MANY }, (_, index) => index));
  });

  it("do not wait for each other's errors", async () => {
    const departures = new Departures(PACE, loop.next);
    const failing = Array.from({ length: 20 }, () => departures.add(() => Promise.reject(new Error("away"))));
    const outcomes = Promise.allSettled(failing);
    await passAll();
    expect((await outcomes).map(({ status }) => status)).toEqual(failing.map(() => "rejected"));
  });
});

describe("over how long clients come back", () => {
  it("is as usual for few streams, grows with their number, and is bounded", () => {
    expect(resumeSpreadMs(100)).toBeUndefined();
    expect(resumeSpreadMs(10_000)).toBe(3_000);
    expect(resumeSpreadMs(1_000_000)).toBe(10_000);
  });
});
