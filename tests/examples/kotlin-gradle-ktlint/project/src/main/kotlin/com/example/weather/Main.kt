package com.example.weather

fun describe(celsius: Int): String = if (celsius < 0) "frost" else "fine"

fun main() = println(describe(12))
