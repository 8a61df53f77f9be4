module example.com/tidy

go 1.25.0

require github.com/spf13/pflag v1.0.10
