// Command myna is the chat server and the tools to run it.
package main

import (
	"os"

	"github.com/myna-chat/myna/internal/cli"
)

func main() { os.Exit(cli.Run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
