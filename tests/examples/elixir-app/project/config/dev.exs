import Config

config :ledger, Ledger.Repo, username: "postgres", password: "postgres", hostname: "localhost", database: "ledger_dev"
