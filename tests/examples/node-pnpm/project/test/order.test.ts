import assert from "node:assert/strict";
import test from "node:test";
import { orderId } from "../src/order.ts";

test("begins with the year", () => {
  assert.match(orderId(2026), /^2026-[2-9A-Z]{8}$/);
});
