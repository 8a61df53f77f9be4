import { expect, test } from "vitest";
import { book } from "../src/bookings.js";

test("a guest books a night once", async () => {
  const night = new Date("2026-05-01");
  await book("Ada", night);
  await expect(book("Ada", night)).rejects.toThrow();
});
