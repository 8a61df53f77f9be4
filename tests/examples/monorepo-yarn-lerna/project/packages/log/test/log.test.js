const assert = require("node:assert/strict");
const test = require("node:test");
const { logged } = require("../index.js");

test("writes each value", () => {
  const lines = [];
  logged(0, (value) => lines.push(value)).set(1);
  assert.deepEqual(lines, [1]);
});
