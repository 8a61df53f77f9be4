defmodule Catalog do
  def name, do: "catalog"
end
