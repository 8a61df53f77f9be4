import assert from "node:assert/strict";
import test from "node:test";
import { wrap } from "@maps/geo";

test("uses the library of the workspace", () => assert.equal(wrap(0), 0));
