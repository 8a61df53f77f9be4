[@file "backend.tf"]
terraform {
  backend "s3" {
    bucket = "[=store]"
    key    = "[=environment][#if component??]/[=component][/#if]/terraform.tfstate"
    region = "[=region]"
    encrypt = true
[#if features.s3Lockfile]
    use_lockfile = true
[#else]
    dynamodb_table = "[=store]"
[/#if]
  }
}
[/@file]
