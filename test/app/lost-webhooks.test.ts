import { expect, it } from "vitest";
import { BASE, stage } from "./support/webhook-stage.js";

it("tells a receiver that events were dropped before it got them, and continues", async () => {
  const { log, got, store, start, pass } = stage();
  await start();
  await pass(500);
  log.add("banned", "banned");
  log.drop();
  await pass(1_000);
  expect(got).toEqual(["one lost"]);
  expect(store.progress.get("one")?.number).toBe(BASE + 2);
  log.add("banned", "banned", "banned");
  log.drop();
  log.add("banned");
  await pass(1_000);
  expect(got).toEqual(["one lost", "one lost", "one 6"]);
});

it("does not pass what happens while a receiver learns that everything before was dropped", async () => {
  const { log, got, meanwhile, start, pass } = stage();
  await start();
  await pass(500);
  log.add("banned");
  log.drop();
  meanwhile.act = () => {
    meanwhile.act = () => undefined;
    log.add("unbanned");
  };
  await pass(1_000);
  expect(got).toEqual(["one lost", "one 2"]);
});

it("does not pass what happens between two looks at a log whose events were all dropped", async () => {
  const { log, got, start, pass } = stage();
  await start();
  await pass(500);
  log.add("banned");
  log.drop();
  log.onEmpty = () => log.add("unbanned");
  await pass(1_000);
  expect(got).toEqual(["one lost", "one 2"]);
});

it("brings a receiver that takes long to answer past lost events", async () => {
  const { log, clock, got, meanwhile, start, pass } = stage();
  await start();
  await pass(500);
  log.add("banned");
  log.drop();
  log.add("banned", "banned");
  meanwhile.act = () => clock.pass(6_000);
  await pass(30_000);
  expect(got).toEqual(["one lost", "one 2", "one 3"]);
});

it("tells a receiver that is as old as the log about lost events too", async () => {
  const { log, got, store, answers, start, pass } = stage();
  await start();
  expect(store.progress.get("one")?.number).toBe(0);
  answers.set("https://one/", { state: "failed", problem: "status 500" });
  log.add("banned");
  await pass(500);
  log.drop();
  log.add("banned");
  answers.clear();
  await pass(10_000);
  expect(got).toEqual(["one 1 failed", "one lost", "one 2"]);
});

it("tells a receiver about lost events whichever types it wants", async () => {
  const { log, got, start, pass } = stage({ types: ["unbanned"] });
  await start();
  await pass(500);
  log.add("banned", "banned");
  log.drop();
  log.add("banned", "unbanned");
  await pass(1_000);
  expect(got).toEqual(["one lost", "one 4"]);
});
