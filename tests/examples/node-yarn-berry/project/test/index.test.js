import assert from "node:assert/strict";
import test from "node:test";
import { wordCounts } from "../dist/index.js";

test("counts words without regard to case", () => {
  assert.deepEqual(wordCounts("Tea, tea and milk")[0], ["tea", 2]);
});
