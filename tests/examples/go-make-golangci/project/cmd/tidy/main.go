// Command tidy prints its input with the spaces at the ends of lines cut off.
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"example.com/tidy/internal/trim"
)

var version = "dev"

func main() {
	show := pflag.BoolP("version", "V", false, "print the version")
	pflag.Parse()
	if *show {
		fmt.Println(version)
		return
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		fmt.Println(trim.Line(lines.Text()))
	}
}
