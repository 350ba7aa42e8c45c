package sqldb

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	mysqlPort = "3306"
)

// target is a database URL, understood.
type target struct {
	engine      Engine
	path        string // SQLite only
	shown       string // for messages: no password
	read, write driver.Connector
}

var errScheme = errors.New("a database URL begins with sqlite:, postgres:// or mysql://")

func parseURL(text string) (target, error) {
	scheme, rest, ok := strings.Cut(text, ":")
	if !ok {
		return target{}, errScheme
	}
	switch scheme {
	case "sqlite", "sqlite3":
		return sqliteTarget(strings.TrimPrefix(rest, "//"))
	case "postgres", "postgresql":
		return postgresTarget(text)
	case "mysql", "mariadb":
		return mysqlTarget(text)
	}
	return target{}, errScheme
}

func postgresTarget(text string) (target, error) {
	config, err := pgx.ParseConfig(text) // its error hides the password
	if err != nil {
		return target{}, fmt.Errorf("the PostgreSQL URL cannot be read: %w", err)
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "myna"
	}
	if config.RuntimeParams["enable_seqscan"] == "" {
		// Every hot query has its index (package store tests that). PostgreSQL chooses by statistics,
		// which a young table has none of, and keeps the plan of a prepared statement: looking up 256
		// nonces among 15,000 messages read the whole table and took 94 ms, by the index 1.
		config.RuntimeParams["enable_seqscan"] = "off"
	}
	connector := guardConnector{stdlib.GetConnector(*config)}
	return target{
		engine: Postgres,
		shown:  fmt.Sprintf("postgres://%s/%s", hostPort(config.Host, fmt.Sprint(config.Port)), config.Database),
		read:   connector, write: connector,
	}, nil
}

func mysqlTarget(text string) (target, error) {
	config, err := mysqlConfig(text)
	if err != nil {
		return target{}, err
	}
	connector, err := mysql.NewConnector(config)
	if err != nil {
		return target{}, fmt.Errorf("the MySQL URL cannot be used: %w", err)
	}
	return target{
		engine: MySQL,
		shown:  fmt.Sprintf("mysql://%s/%s", config.Addr, config.DBName),
		read:   &mysqlConnector{Connector: connector, setup: mysqlReading},
		write:  &mysqlConnector{Connector: connector, setup: mysqlWriting},
	}, nil
}

func mysqlConfig(text string) (*mysql.Config, error) {
	u, err := url.Parse(text)
	if err != nil { // the error would quote the URL, password and all
		return nil, errors.New("the MySQL URL cannot be read; write mysql://user:password@host:port/name, with special characters of the password as %XX")
	}
	config := mysql.NewConfig()
	config.User = u.User.Username()
	config.Passwd, _ = u.User.Password()
	config.DBName = strings.TrimPrefix(u.Path, "/")
	config.Net, config.Addr = "tcp", hostPort(u.Hostname(), u.Port())
	config.Collation = mysqlCollation
	config.InterpolateParams = true
	config.ClientFoundRows = true
	config.Logger = &mysql.NopLogger{}
	for name, values := range u.Query() {
		switch name {
		case "socket":
			config.Net, config.Addr = "unix", values[0]
		case "tls":
			config.TLSConfig = values[0]
		default:
			return nil, fmt.Errorf("the MySQL URL's parameter %q is not known; socket and tls are", name)
		}
	}
	if config.DBName == "" {
		return nil, errors.New("the MySQL URL names no database; write mysql://user:password@host:port/name")
	}
	if config.Net == "tcp" && u.Port() == "" {
		config.Addr = hostPort(u.Hostname(), mysqlPort)
	}
	return config, nil
}

func hostPort(host, port string) string {
	if strings.HasPrefix(host, "/") { // a socket's directory
		return host
	}
	if host == "" {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}
