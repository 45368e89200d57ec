import { describe } from "vitest";
import { processPlace } from "../support/place.js";
import { recordsContract } from "./records/index.js";
import { tipsContract } from "./tips/index.js";

describe("the records in a process of their own", () => recordsContract(processPlace));
describe("the books of tips in a process of their own", () => tipsContract(processPlace));
