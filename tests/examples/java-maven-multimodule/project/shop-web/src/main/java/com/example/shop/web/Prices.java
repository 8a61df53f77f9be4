package com.example.shop.web;

import com.example.shop.model.Money;
import com.example.shop.pricing.Discount;

public final class Prices {
  private Prices() {}

  public static String label(Money price, int percent) {
    return new Discount(percent).on(price).cents() + " ct";
  }
}
