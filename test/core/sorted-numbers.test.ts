import fc from "fast-check";
import { expect, it } from "vitest";
import { SortedNumbers } from "../../src/core/sorted-numbers.js";

const few = fc.integer({ min: 0, max: 9 });

it("counts the numbers above a given one, whatever was added and removed before", () => {
  const steps = fc.array(fc.record({ verb: fc.constantFrom("add", "remove"), number: few }));
  fc.assert(
    fc.property(steps, few, (done, limit) => {
      const sorted = new SortedNumbers();
      const expected: number[] = [];
      for (const { verb, number } of done) {
        sorted[verb](number);
        if (verb === "add") expected.push(number);
        else if (expected.includes(number)) expected.splice(expected.indexOf(number), 1);
      }
      expect(sorted.countAbove(limit)).toBe(expected.filter((number) => number > limit).length);
    }),
  );
});
