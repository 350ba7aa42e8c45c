package sqldb

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
)

const mysqlCollation = "utf8mb4_bin"

// What a connection is told once. Strict, so that a text too long is an error and not a shorter text.
// Readers see one moment for the length of a transaction and cannot write. Writers read what is committed
// now: the row behind a lock they waited for is then the newest (at REPEATABLE READ a plain SELECT after
// the wait may show the state from before it), no gap locks make strangers deadlock, PostgreSQL behaves
// the same, and MariaDB's snapshot isolation has nothing to refuse.
const (
	mysqlMode    = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY,ERROR_FOR_DIVISION_BY_ZERO'"
	mysqlReading = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
	mysqlWriting = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE"
)

// mysqlConnector opens guarded connections and tells them their isolation.
type mysqlConnector struct {
	driver.Connector
	setup string
}

func (c *mysqlConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	guarded, err := guard(conn)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	for _, statement := range []string{mysqlMode, c.setup} {
		if _, err := guarded.ExecContext(ctx, statement, nil); err != nil {
			return nil, errors.Join(fmt.Errorf("set up the connection: %w", err), conn.Close())
		}
	}
	return guarded, nil
}
