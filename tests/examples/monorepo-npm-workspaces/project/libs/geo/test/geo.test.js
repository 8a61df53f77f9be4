import assert from "node:assert/strict";
import test from "node:test";
import { wrap } from "../src/index.js";

test("wraps around", () => assert.equal(wrap(190), -170));
