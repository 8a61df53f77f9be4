const test = require('node:test');
const assert = require('node:assert');

test('adds', () => assert.equal(1 + 2, 3));
