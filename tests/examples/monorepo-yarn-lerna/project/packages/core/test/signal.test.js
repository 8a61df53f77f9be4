const assert = require("node:assert/strict");
const test = require("node:test");
const { signal } = require("../src/index.js");

test("tells its readers", () => {
  const count = signal(0);
  let seen;
  count.subscribe((value) => (seen = value));
  count.set(3);
  assert.equal(seen, 3);
});
