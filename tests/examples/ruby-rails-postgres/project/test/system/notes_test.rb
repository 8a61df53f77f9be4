require "application_system_test_case"

class NotesTest < ApplicationSystemTestCase
  test "the list is shown" do
    visit "/notes"
    assert_selector "h1", text: "Notes"
  end
end
