package com.example.weather

import kotlin.test.Test
import kotlin.test.assertEquals

class MainTest {
    @Test
    fun `below zero is frost`() = assertEquals("frost", describe(-1))
}
