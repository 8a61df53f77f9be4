package com.example.slug

fun slug(title: String): String = title.lowercase().replace(Regex("[^a-z0-9]+"), "-").trim('-')
