package auth

import (
	"context"

	"github.com/myna-chat/myna/internal/store"
)

// NeedsSetup says whether the server waits for its first owner.
func (a *Auth) NeedsSetup(ctx context.Context) (bool, error) {
	owned, err := store.HasOwner(ctx, a.db)
	return !owned, err
}
