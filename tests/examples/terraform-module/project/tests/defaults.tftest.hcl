mock_provider "aws" {}

variables {
  name = "example"
}

run "versions_are_kept" {
  command = plan

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "versioning must be on by default"
  }
}
