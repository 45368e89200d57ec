import { expect, it } from "vitest";
import { addLine, emptyLog } from "../../src/demo/chat-log.js";

it("keeps only the latest messages but counts all", () => {
  let log = emptyLog;
  for (let atMs = 0; atMs < 5_000; atMs++) {
    log = addLine(log, { from: atMs % 5 === 0 ? "me" : "partner", text: "a line", id: undefined, atMs });
  }
  expect(log.lines).toHaveLength(500);
  expect(log.lines.at(-1)?.atMs).toBe(4_999);
  expect(log).toMatchObject({ count: 5_000, receivedCount: 4_000 });
});
