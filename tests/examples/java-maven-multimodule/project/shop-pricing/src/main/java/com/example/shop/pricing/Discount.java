package com.example.shop.pricing;

import com.example.shop.model.Money;

public record Discount(int percent) {
  public Money on(Money price) {
    return new Money(price.cents() * (100 - percent) / 100);
  }
}
