CREATE TABLE "Booking" (
    "id" SERIAL NOT NULL,
    "guest" TEXT NOT NULL,
    "night" DATE NOT NULL,
    CONSTRAINT "Booking_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "Booking_guest_night_key" ON "Booking"("guest", "night");
