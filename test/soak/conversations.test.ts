import { describe, expect, it } from "vitest";
import { Conversations } from "./conversations.js";
import { SoakRecord } from "./record.js";

/** A match in which one side sent three signals, and the other received some. */
function conversation(received: number[], receiver: { isOver?: boolean; isGone?: boolean } = { isOver: true }) {
  const record = new SoakRecord();
  const conversations = new Conversations(record);
  const [one, other] = [conversations.begin("m"), conversations.begin("m")];
  one.acknowledged = 3;
  for (const number of received) conversations.receive(other, number);
  Object.assign(one, { isOver: true });
  Object.assign(other, receiver);
  conversations.end("m");
  return record;
}

describe("the soak run", () => {
  it("finds nothing if all signals arrived once", () => {
    expect(conversation([1, 2, 3])).toMatchObject({ lost: 0, doubled: 0, received: 3 });
  });

  it.each([
    ["in the middle", [1, 3], { lost: 1, doubled: 0 }],
    ["at the end", [1, 2], { lost: 1, doubled: 0 }],
    ["and of others the same again", [1, 2, 2], { lost: 1, doubled: 1 }],
  ])("finds a signal that is missing %s", (_where, received, found) => {
    expect(conversation(received)).toMatchObject(found);
  });

  it("expects nothing more of somebody who closed the page", () => {
    expect(conversation([1], { isGone: true })).toMatchObject({ lost: 0, doubled: 0 });
  });

  it("finds a third side", () => {
    const record = new SoakRecord();
    const conversations = new Conversations(record);
    for (let side = 0; side < 3; side++) conversations.begin("m");
    expect([...record.problems.keys()]).toEqual(["a match with three sides"]);
  });
});
