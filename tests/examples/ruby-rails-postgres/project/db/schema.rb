ActiveRecord::Schema[8.0].define(version: 2025_05_01_120000) do
  enable_extension "pg_catalog.plpgsql"

  create_table "notes", force: :cascade do |t|
    t.string "title", null: false
    t.text "body"
    t.timestamps
  end
end
