# frozen_string_literal: true

require "simplecov"
require "simplecov-cobertura"
SimpleCov.formatter = SimpleCov::Formatter::CoberturaFormatter
SimpleCov.start

require "slugline"
require "minitest/autorun"
