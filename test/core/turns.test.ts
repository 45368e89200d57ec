import { expect, it } from "vitest";
import { Fifo } from "../../src/core/fifo.js";
import { Turns } from "../../src/core/turns.js";
import { ManualTurns } from "../support/manual-turns.js";

it("a queue returns its items in order, whatever is added meanwhile", () => {
  const queue = new Fifo<number>();
  const taken: number[] = [];
  for (let item = 0; item < 1_000; item++) {
    queue.push(item);
    if (item % 3 !== 0) taken.push(queue.shift() ?? NaN);
  }
  while (queue.size > 0) taken.push(queue.shift() ?? NaN);
  expect(taken).toEqual(Array.from({ length: 1_000 }, (_, item) => item));
  expect(queue.shift()).toBeUndefined();
});

it("few actions run immediately", () => {
  const turns = new Turns(3, new ManualTurns().next);
  const ran: number[] = [];
  turns.run(() => ran.push(1));
  turns.run(() => ran.push(2));
  expect(ran).toEqual([1, 2]);
});

it("of many actions, each turn runs a bounded number, in order", () => {
  const loop = new ManualTurns();
  const turns = new Turns(3, loop.next);
  const ran: number[] = [];
  for (let action = 0; action < 10; action++) turns.run(() => ran.push(action));
  const perTurn = [ran.length];
  while (loop.pass()) perTurn.push(ran.length - perTurn.reduce((sum, one) => sum + one, 0));
  expect(perTurn.filter((count) => count > 0)).toEqual([3, 3, 3, 1]);
  expect(ran).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

it("once all have run, nothing waits for another turn", () => {
  const loop = new ManualTurns();
  const turns = new Turns(3, loop.next);
  turns.run(() => undefined);
  expect(loop.pass()).toBe(true);
  expect(loop.pass()).toBe(false);
});

it("visits each item in bounded steps, then reports the end", () => {
  const loop = new ManualTurns();
  const turns = new Turns(4, loop.next);
  const seen: number[] = [];
  let isDone = false;
  turns.each(
    Array.from({ length: 10 }, (_, item) => item),
    (item) => seen.push(item),
    () => (isDone = true),
  );
  expect(seen).toEqual([0, 1, 2, 3]);
  expect(isDone).toBe(false);
  while (loop.pass());
  expect(seen).toHaveLength(10);
  expect(isDone).toBe(true);
});
