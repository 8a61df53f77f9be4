defmodule Ledger.Repo.Migrations.CreateEntries do
  use Ecto.Migration

  def change do
    create table(:entries) do
      add :cents, :integer, null: false
      timestamps()
    end
  end
end
