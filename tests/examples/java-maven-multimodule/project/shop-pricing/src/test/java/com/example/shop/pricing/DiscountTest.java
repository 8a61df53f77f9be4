package com.example.shop.pricing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.example.shop.model.Money;
import org.junit.jupiter.api.Test;

class DiscountTest {
  @Test
  void takesItsPart() {
    assertEquals(new Money(90), new Discount(10).on(new Money(100)));
  }
}
