defmodule CatalogTest do
  use ExUnit.Case, async: true

  test "it has a name" do
    assert Catalog.name() == "catalog"
  end
end
