import { tomorrow } from "./main";

test("is a date", () => {
  expect(tomorrow()).toMatch(/^\d{4}-\d{2}-\d{2}$/);
});
