import { PrismaClient } from "@prisma/client";

const prisma = new PrismaClient();

export function book(guest: string, night: Date) {
  return prisma.booking.create({ data: { guest, night } });
}
