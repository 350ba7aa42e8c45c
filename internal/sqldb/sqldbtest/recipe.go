package sqldbtest

import (
	"path/filepath"
	"slices"
)

func postgresRecipe(dir string, mode mode) (*recipe, error) {
	const places = "/usr/lib/postgresql/*/bin"
	initdb, err := binary("initdb", places)
	if err != nil {
		return nil, err
	}
	postgres, err := binary("postgres", places, filepath.Dir(initdb))
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	serve := []string{
		postgres, "-D", data, "-k", dir, "-c", "listen_addresses=", "-c", "max_connections=200",
		"-c", "shared_buffers=64MB", "-c", "jit=off", "-c", "deadlock_timeout=50ms",
	}
	if mode == fast {
		serve = append(serve, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
	}
	return &recipe{
		user:    "postgres",
		signal:  "QUIT", // at once; KILL would leave its shared memory behind
		install: []string{initdb, "-D", data, "-U", "myna", "--auth=trust", "-E", "UTF8", "--locale=C", "--no-sync"},
		serve:   serve,
		server: server{
			driver: "pgx",
			admin:  "postgres://myna@/postgres?host=" + dir,
			url:    "postgres://myna@/%s?host=" + dir,
			drop:   "DROP DATABASE %s WITH (FORCE)",
		},
	}, nil
}

func mariadbRecipe(dir string, mode mode) (*recipe, error) {
	install, err := binary("mariadb-install-db", "/usr/bin", "/usr/local/mysql/scripts")
	if err != nil {
		return nil, err
	}
	mariadbd, err := binary("mariadbd", "/usr/sbin", "/usr/libexec")
	if err != nil {
		return nil, err
	}
	data, socket := filepath.Join(dir, "data"), filepath.Join(dir, "socket")
	// The server's character set stays the old default, latin1, so that tests see whether our tables
	// and connections really choose theirs.
	options := []string{"--no-defaults", "--datadir=" + data}
	serve := slices.Concat([]string{mariadbd}, options, []string{
		"--socket=" + socket, "--pid-file=" + filepath.Join(dir, "mariadbd.pid"), "--skip-networking",
		"--skip-log-bin", "--max-connections=300", "--innodb-buffer-pool-size=64M",
	})
	if mode == fast {
		serve = append(serve, "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0", "--debug-no-sync")
	}
	return &recipe{
		user:    "mysql",
		signal:  "KILL",
		install: slices.Concat([]string{install}, options, []string{"--auth-root-authentication-method=normal", "--skip-test-db"}),
		serve:   serve,
		server: server{
			driver: "mysql",
			admin:  "root@unix(" + socket + ")/",
			url:    "mysql://root@localhost/%s?socket=" + socket,
			drop:   "DROP DATABASE %s",
		},
	}, nil
}
