defmodule Ledger.EntryTest do
  use ExUnit.Case, async: true

  setup do
    :ok = Ecto.Adapters.SQL.Sandbox.checkout(Ledger.Repo)
  end

  test "an entry is kept" do
    assert {:ok, _} = Ledger.Repo.insert(%Ledger.Entry{cents: 1250})
  end
end
