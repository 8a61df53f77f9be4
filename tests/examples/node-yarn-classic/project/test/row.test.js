const assert = require("node:assert/strict");
const test = require("node:test");
const { row } = require("../src/index.js");

test("writes cents as a price", () => {
  assert.match(row("Tea", 250), /2\.50$/);
});
