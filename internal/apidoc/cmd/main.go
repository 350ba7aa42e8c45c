// Command cmd writes the generated descriptions of the API below the given root (default ".").
package main

import (
	"fmt"
	"os"

	"github.com/myna-chat/myna/internal/apidoc"
)

func main() {
	root := "."
	if len(os.Args) > 1 {
		root = os.Args[1]
	}
	changed, err := apidoc.Write(root)
	if err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
	for _, path := range changed {
		fmt.Println("wrote", path)
	}
}
