import { expect, test } from 'vitest';
import { label } from './label.js';

test('says what is', () => {
  expect(label(false)).toBe('down');
});
