package com.example.parcel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ParcelTest {
    @Test
    void weighs() {
        assertEquals(5, new Parcel(5).grams());
    }
}
