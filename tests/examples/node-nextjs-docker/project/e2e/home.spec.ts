import { expect, test } from "@playwright/test";

test("shows the price", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading")).toHaveText("Tea, 2.50 EUR");
});
