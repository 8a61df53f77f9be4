package com.example.shop.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class MoneyTest {
  @Test
  void adds() {
    assertEquals(new Money(5), new Money(2).plus(new Money(3)));
  }
}
