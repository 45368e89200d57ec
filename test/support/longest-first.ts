import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take longest, the longest first. Begun last, they would keep one worker busy when all others are done. */
const LONGEST = [
  "checks/source",
  "attacks/report-everybody",
  "attacks/slow-watchers",
  "attacks/identity-refusals",
  "attacks/refusals",
  "attacks/fuzz",
  "deploy/docker",
  "cluster/event-log",
  "cluster/chaos",
  "cluster/proxies",
  "e2e/call",
  "packages/server",
];

/** Starts the longest files of each group first, and leaves the others in the order of Vitest. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((one, other) => groupOf(one) - groupOf(other) || rankOf(one) - rankOf(other));
  }
}

function groupOf({ project }: TestSpecification): number {
  return project.config.sequence.groupOrder;
}

function rankOf({ moduleId }: TestSpecification): number {
  const index = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  return index === -1 ? LONGEST.length : index;
}
