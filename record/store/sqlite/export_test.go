// SPDX-License-Identifier: EUPL-1.2

package sqlite

import (
	"context"
	"fmt"
	"testing"

	"rivage.example/rivage/record/store"
)

// NotIntegers names the columns declared BIGINT in which some row holds something else: SQLite keeps what it is given.
func NotIntegers(t testing.TB, path string) []string {
	t.Helper()
	db, err := pool(path, 1, "query_only(1)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
		WHERE m.type='table' AND c.type='BIGINT'`)
	if err != nil {
		t.Fatal(err)
	}
	var columns [][2]string
	for rows.Next() {
		var x [2]string
		if err := rows.Scan(&x[0], &x[1]); err != nil {
			t.Fatal(err)
		}
		columns = append(columns, x)
	}
	if err := rows.Err(); err != nil || len(columns) < 50 {
		t.Fatalf("%d columns, error %v", len(columns), err)
	}
	var wrong []string
	for _, x := range columns {
		var n int
		if err := db.QueryRow(fmt.Sprintf(`SELECT count(*) FROM %s WHERE typeof(%s)<>'integer'`, x[0], x[1])).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			wrong = append(wrong, x[0]+"."+x[1])
		}
	}
	return wrong
}

// Positional is what a statement is prepared as.
var Positional = positional

// Fill makes the disk look full at a number of pages; 0 makes room again.
func Fill(db store.DB, pages int) error {
	d := db.(*database)
	d.token <- struct{}{}
	defer func() { <-d.token }()
	if pages == 0 {
		pages = 1 << 30
	}
	_, err := d.conn.ExecContext(context.Background(), fmt.Sprintf(`PRAGMA max_page_count=%d`, pages))
	return err
}
