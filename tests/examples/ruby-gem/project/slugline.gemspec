# frozen_string_literal: true

require_relative "lib/slugline/version"

Gem::Specification.new do |spec|
  spec.name = "slugline"
  spec.version = Slugline::VERSION
  spec.authors = ["Ada Example"]
  spec.email = ["ada@example.com"]

  spec.summary = "Turns titles into slugs for addresses."
  spec.homepage = "https://example.com/slugline"
  spec.license = "MIT"
  spec.required_ruby_version = ">= 3.2.0"

  spec.metadata["homepage_uri"] = spec.homepage
  spec.metadata["allowed_push_host"] = "https://rubygems.org"
  spec.metadata["rubygems_mfa_required"] = "true"

  spec.files = Dir["lib/**/*.rb", "LICENSE.txt", "README.md"]
  spec.require_paths = ["lib"]

  spec.add_dependency "unicode-display_width", "~> 3.1"
end
