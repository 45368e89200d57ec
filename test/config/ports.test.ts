import { expect, it } from "vitest";
import { refusalsOf } from "./support/refusals.js";

it("accepts one port on two addresses, and port 0 on both", () => {
  expect(refusalsOf({ HOST: "192.0.2.1", PORT: "3002" })).toEqual([]);
  expect(refusalsOf({ PORT: "0", INTERNAL_PORT: "0" })).toEqual([]);
});
