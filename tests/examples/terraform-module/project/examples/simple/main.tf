module "bucket" {
  source = "../.."

  name = "example-simple"
}
