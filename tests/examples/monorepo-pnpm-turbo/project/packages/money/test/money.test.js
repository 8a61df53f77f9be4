import assert from "node:assert/strict";
import test from "node:test";
import { euros } from "../dist/index.js";

test("two digits", () => assert.equal(euros(5), "0.05 EUR"));
