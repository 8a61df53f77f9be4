<?php

namespace Tests\Feature;

use App\Models\Booking;
use Illuminate\Foundation\Testing\RefreshDatabase;
use Tests\TestCase;

class BookingTest extends TestCase
{
    use RefreshDatabase;

    public function test_a_booking_is_kept(): void
    {
        Booking::create(['name' => 'Room 1', 'starts_at' => now()]);
        $this->assertDatabaseCount('bookings', 1);
    }
}
