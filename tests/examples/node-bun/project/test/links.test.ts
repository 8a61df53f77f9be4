import { expect, test } from "bun:test";
import { Links } from "../src/links";

test("finds what was added", () => {
  const links = new Links();
  expect(links.find(links.add("https://example.com"))).toBe(
    "https://example.com/",
  );
});
