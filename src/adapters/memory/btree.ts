import { createRequire } from "node:module";

/**
 * The sorted map of `sorted-btree`, a CommonJS module whose class is its `default`. Runtimes disagree on what a default
 * import of such a module is: for Node.js it is the module, for Bun the class. They agree on `require`.
 */
export const { default: BTree } = createRequire(import.meta.url)("sorted-btree") as typeof import("sorted-btree");
