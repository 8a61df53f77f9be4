package com.example.shop.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.example.shop.model.Money;
import org.junit.jupiter.api.Test;

class PricesIT {
  @Test
  void labels() {
    assertEquals("90 ct", Prices.label(new Money(100), 10));
  }
}
