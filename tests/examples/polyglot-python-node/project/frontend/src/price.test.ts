import { expect, test } from 'vitest';
import { price } from './price';

test('cents are shown', () => {
  expect(price(1250)).toBe('12.50');
});
