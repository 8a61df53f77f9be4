require "test_helper"

class NoteTest < ActiveSupport::TestCase
  test "a note needs a title" do
    assert_not Note.new(body: "x").valid?
  end
end
