import Config

config :ledger, Ledger.Repo,
  username: "ledger",
  password: "ledger",
  hostname: System.get_env("DB_HOST", "localhost"),
  database: "ledger_test#{System.get_env("MIX_TEST_PARTITION")}",
  pool: Ecto.Adapters.SQL.Sandbox

config :logger, level: :warning
