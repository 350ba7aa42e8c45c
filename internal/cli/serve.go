package cli

import (
	"context"

	"github.com/myna-chat/myna/internal/config"
	"github.com/myna-chat/myna/internal/obs"
	"github.com/myna-chat/myna/internal/server"
)

type serveCmd struct {
	config.Flags
}

func (c *serveCmd) Run(ctx context.Context, p *program) error {
	settings, err := c.Load(p.sources)
	if err != nil {
		return &usageError{err}
	}
	s, err := server.New(ctx, settings, server.Options{
		Version: Version(), Out: p.stdout, Log: obs.NewLogger(p.stderr, settings.LogFormat, settings.LogLevel),
	})
	if err != nil {
		return err
	}
	return s.Run(ctx)
}
