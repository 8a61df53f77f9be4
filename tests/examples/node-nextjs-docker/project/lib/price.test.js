const { price } = require("./price");

test("writes cents as euros", () => {
  expect(price(250)).toBe("2.50 EUR");
});
