defmodule Ledger.Entry do
  use Ecto.Schema

  schema "entries" do
    field :cents, :integer
    timestamps()
  end
end
