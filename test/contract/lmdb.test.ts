import { describe } from "vitest";
import { lmdbPlace } from "../support/place.js";
import { recordsContract } from "./records/index.js";
import { tipsContract } from "./tips/index.js";

describe("the records in LMDB", () => recordsContract(lmdbPlace));
describe("the books of tips in LMDB", () => tipsContract(lmdbPlace));
