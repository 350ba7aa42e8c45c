package store

import (
	"context"
	"fmt"

	"github.com/myna-chat/myna"
	"github.com/myna-chat/myna/internal/sqldb"
)

// Failures counts the failed sign-ins of an account since the last success: one row for all strangers
// and one for each device the account is known from. A known device's row is there even with no failure.
type Failures struct {
	Count  int
	LastAt myna.Time
}

const (
	deviceKnown    = "SELECT failures FROM login_failures WHERE user_id=? AND device=?"
	insertFailures = "INSERT INTO login_failures (user_id, device, failures, last_at) VALUES (?,?,?,?)"
	lockFailures   = "SELECT failures, last_at FROM login_failures WHERE user_id=? AND device=?"
	updateFailures = "UPDATE login_failures SET failures=?, last_at=? WHERE user_id=? AND device=?"
)

// DeviceKnown says whether the account has signed in from the device before.
func DeviceKnown(ctx context.Context, q sqldb.Queryer, user myna.UserID, device []byte) (bool, error) {
	_, found, err := one(ctx, q, deviceKnown, []any{int64(user), device}, func(scan scanFunc) (n int64, err error) {
		err = scan(&n)
		return n, err
	})
	return found, err
}

// LockFailures reads a counter and keeps others from it until the transaction ends; a counter that was
// not there is made first, so that two at once cannot both find nothing.
func LockFailures(ctx context.Context, tx *sqldb.Tx, user myna.UserID, device []byte) (f Failures, err error) {
	tail := tx.Engine().OrUpdate("user_id, device", "user_id")
	if _, err = tx.Exec(ctx, insertFailures+tail, int64(user), device, 0, 0); err != nil {
		return f, fmt.Errorf("make login counter: %w", err)
	}
	err = tx.QueryRow(ctx, lockFailures+tx.ForUpdate(), int64(user), device).Scan(&f.Count, &f.LastAt)
	if err != nil {
		return f, fmt.Errorf("lock login counter: %w", err)
	}
	return f, nil
}

// SetFailures writes a counter that exists.
func SetFailures(ctx context.Context, tx *sqldb.Tx, user myna.UserID, device []byte, f Failures) error {
	if _, err := tx.Exec(ctx, updateFailures, f.Count, int64(f.LastAt), int64(user), device); err != nil {
		return fmt.Errorf("set login counter: %w", err)
	}
	return nil
}

const (
	devicesOf    = "SELECT device FROM login_failures WHERE user_id=? AND device<>? ORDER BY last_at"
	deleteDevice = "DELETE FROM login_failures WHERE user_id=? AND device=?"
)

// KnowDevice makes a device known to the account, with a counter at zero, and forgets the devices
// longest unused beyond keep. strangers is the key of the counter that is no device.
func KnowDevice(ctx context.Context, tx *sqldb.Tx, user myna.UserID, device, strangers []byte, keep int, now myna.Time) error {
	tail := tx.Engine().OrUpdate("user_id, device", "failures", "last_at")
	if _, err := tx.Exec(ctx, insertFailures+tail, int64(user), device, 0, int64(now)); err != nil {
		return fmt.Errorf("remember device: %w", err)
	}
	devices, err := list(ctx, tx, devicesOf, []any{int64(user), strangers}, func(scan scanFunc) (d []byte, err error) {
		err = scan(&d)
		return d, err
	})
	if err != nil {
		return fmt.Errorf("list devices: %w", err)
	}
	for _, d := range devices[:max(len(devices)-keep, 0)] {
		if _, err := tx.Exec(ctx, deleteDevice, int64(user), d); err != nil {
			return fmt.Errorf("forget device: %w", err)
		}
	}
	return nil
}

const forgetUnknown = "DELETE FROM login_failures WHERE user_id<0 AND last_at<?"

// ForgetUnknown removes the counters of names nobody has that were last tried before a moment.
func ForgetUnknown(ctx context.Context, tx *sqldb.Tx, before myna.Time) error {
	if _, err := tx.Exec(ctx, forgetUnknown, int64(before)); err != nil {
		return fmt.Errorf("forget unknown names: %w", err)
	}
	return nil
}
