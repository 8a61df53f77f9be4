defmodule CheckoutTest do
  use ExUnit.Case, async: true

  test "it has a name" do
    assert Checkout.name() == "checkout"
  end
end
