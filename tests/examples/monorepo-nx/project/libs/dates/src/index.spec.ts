import { nextDay } from "./index";

test("crosses a month", () => {
  expect(nextDay(new Date("2026-01-31T00:00:00Z")).toISOString()).toBe(
    "2026-02-01T00:00:00.000Z",
  );
});
