import assert from "node:assert/strict";
import { format } from "./mod.ts";

Deno.test("pads minutes and seconds", () => {
  assert.equal(format(3_723_000), "1:02:03");
});
