import { customAlphabet } from "nanoid";

const next = customAlphabet("23456789ABCDEFGHJKLMNPQRSTUVWXYZ", 8);

export function orderId(year: number): string {
  return `${year}-${next()}`;
}
