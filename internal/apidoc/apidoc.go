// Package apidoc writes the files that describe Myna's API: docs/protocol.md, docs/openapi.json and
// web/src/wire.ts. It reads the Go types by reflection, the route table of package httpapi, and from the
// source what reflection cannot see (comments, constants). A test compares the files with what it would
// write now, so they are never stale. It is not part of the server.
package apidoc

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/myna-chat/myna/internal/httpapi"
)

//go:generate go run ./cmd ../..

// File is one generated file, its path relative to the root of the repository.
type File struct {
	Path string
	Text []byte
}

type generator struct {
	root source // package myna
	wire source // package wire
}

// Files makes every generated file from the repository at root.
func Files(root string) ([]File, error) {
	vocabulary, err := parseSource(root)
	if err != nil {
		return nil, err
	}
	wireSource, err := parseSource(filepath.Join(root, "wire"))
	if err != nil {
		return nil, err
	}
	g := &generator{root: vocabulary, wire: wireSource}
	protocol, err := g.Protocol()
	if err != nil {
		return nil, err
	}
	openAPI, err := httpapi.OpenAPI("")
	if err != nil {
		return nil, err
	}
	return []File{
		{Path: "docs/protocol.md", Text: protocol},
		{Path: "docs/openapi.json", Text: openAPI},
		{Path: "web/src/wire.ts", Text: g.TypeScript()},
	}, nil
}

// Write brings the files under root up to date and gives the paths of those that changed.
func Write(root string) ([]string, error) {
	files, err := Files(root)
	if err != nil {
		return nil, err
	}
	var changed []string
	for _, file := range files {
		path := filepath.Join(root, filepath.FromSlash(file.Path))
		if old, err := os.ReadFile(path); err == nil && string(old) == string(file.Text) {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, fmt.Errorf("make folder: %w", err)
		}
		if err := os.WriteFile(path, file.Text, 0o644); err != nil {
			return nil, fmt.Errorf("write generated file: %w", err)
		}
		changed = append(changed, file.Path)
	}
	return changed, nil
}
