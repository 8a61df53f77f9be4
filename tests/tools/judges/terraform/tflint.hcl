# All rules of the language. The rule sets of the clouds are not bundled with tflint.
config {
  call_module_type = "local"
}

plugin "terraform" {
  enabled = true
  preset  = "all"
}
