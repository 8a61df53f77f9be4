package com.example.slug

import kotlin.test.Test
import kotlin.test.assertEquals

class SlugTest {
    @Test
    fun `words are joined`() = assertEquals("a-b", slug("A  B!"))
}
