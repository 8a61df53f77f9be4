# frozen_string_literal: true

module Slugline
  VERSION = "0.3.0"
end
