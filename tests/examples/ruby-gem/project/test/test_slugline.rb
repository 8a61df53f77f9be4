# frozen_string_literal: true

require "test_helper"

class TestSlugline < Minitest::Test
  def test_words_are_joined
    assert_equal "hello-world", Slugline.slug("Hello, World!")
  end
end
