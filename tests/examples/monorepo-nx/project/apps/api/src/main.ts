import { nextDay } from "@clinic/dates";

export const tomorrow = (): string =>
  nextDay(new Date()).toISOString().slice(0, 10);
