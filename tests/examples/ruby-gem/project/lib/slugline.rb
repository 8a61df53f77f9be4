# frozen_string_literal: true

require_relative "slugline/version"

# Turns titles into slugs.
module Slugline
  def self.slug(title)
    title.unicode_normalize(:nfkd).downcase.gsub(/[^a-z0-9]+/, "-").gsub(/\A-|-\z/, "")
  end
end
