defmodule Checkout do
  def name, do: "checkout"
end
