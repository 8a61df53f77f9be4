[
  import_deps: [:ecto, :ecto_sql],
  inputs: ["{mix,.formatter,.credo}.exs", "{config,lib,priv,test}/**/*.{ex,exs}"]
]
