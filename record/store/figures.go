// SPDX-License-Identifier: EUPL-1.2

package store

import (
	"context"
	"encoding/json"

	"rivage.example/rivage"
)

// shortAbandon is the wait under which an abandon is shown apart (B_s).
const shortAbandon = 5_000_000

// figuresQuery counts the interactions that arrived in each queue since an instant. Each is in one of A, B, C and W, or
// flowed out (a fault, F): O is their sum. One that was answered counts there, whatever became of it later. The target
// of each queue is a row of its own list.
const figuresQuery = `SELECT queue, count(*),
	count(*) FILTER (WHERE answered_at<>0),
	count(*) FILTER (WHERE answered_at=0 AND state='abandoned'),
	count(*) FILTER (WHERE answered_at=0 AND state='abandoned' AND wait<=$2),
	count(*) FILTER (WHERE answered_at=0 AND state IN ('callback_owed', 'closed')),
	count(*) FILTER (WHERE answered_at=0 AND state IN ('queued', 'offered')),
	COALESCE(min(queued_at) FILTER (WHERE answered_at=0 AND state IN ('queued', 'offered')), 0),
	CAST(COALESCE(sum(wait) FILTER (WHERE answered_at<>0), 0) AS BIGINT),
	CAST(COALESCE(sum(talk) FILTER (WHERE answered_at<>0), 0) AS BIGINT),
	CAST(COALESCE(sum(hold) FILTER (WHERE answered_at<>0), 0) AS BIGINT),
	CAST(COALESCE(sum(wrap) FILTER (WHERE answered_at<>0), 0) AS BIGINT),
	CAST(COALESCE(sum(extra) FILTER (WHERE answered_at<>0), 0) AS BIGINT),
	count(*) FILTER (WHERE answered_at<>0 AND wait<=$3)
	FROM interaction WHERE queue=$4 AND queued_at>=$1 GROUP BY queue`

// QueueFigures computes the primitives of every queue of some Principals over the interactions that arrived in it since
// an instant. A queue where nothing arrived has zeros.
func (s *Store) QueueFigures(ctx context.Context, who []rivage.ID, since rivage.Micros) ([]rivage.QueueFigures, error) {
	var list []rivage.QueueFigures
	err := s.Snapshot(ctx, func(r Reader) error {
		var c clause
		c.and("type=?", rivage.TypeQueue)
		c.of(who)
		queues, err := many(ctx, r.q, &settingTable, c.text+" ORDER BY id", c.args...)
		if err != nil {
			return err
		}
		for i := range queues {
			f, err := r.figures(ctx, &queues[i].SettingRow, since)
			if err != nil {
				return err
			}
			list = append(list, f)
		}
		return nil
	})
	return list, err
}

// longestCall is how long before it was answered a call may have come in: what bounds the reading of Handled.
const longestCall = 24 * 60 * 60 * 1_000_000

// handledQuery sums what conversations took that were answered at an instant or later, and are wrapped up, by queue.
const handledQuery = `SELECT queue, count(*), CAST(sum(talk+hold+wrap) AS BIGINT) FROM interaction
	WHERE opened_at>=$1 AND answered_at>=$2 AND closed_at<>0 GROUP BY queue`

// Handled sums what the conversations of each queue took since an instant: what a floor reads at its start, for the waits that
// it tells.
func (r Reader) Handled(ctx context.Context, since rivage.Micros) (list []rivage.HandledRow, err error) {
	err = queryAll(ctx, r.q, handledQuery, []any{int64(since) - longestCall, int64(since)}, func(scan func(...any) error) error {
		var h rivage.HandledRow
		var queue string
		err := scan(&queue, &h.Closed, &h.Handled)
		h.Queue = rivage.ID(queue)
		list = append(list, h)
		return err
	})
	if err != nil {
		return nil, unavailable("read", err)
	}
	return list, nil
}

func (r Reader) figures(ctx context.Context, row *rivage.SettingRow, since rivage.Micros) (rivage.QueueFigures, error) {
	var q rivage.Queue
	f := rivage.QueueFigures{Queue: row.ID}
	if err := json.Unmarshal(row.Doc, &q); err != nil {
		return f, &rivage.Error{Code: rivage.Internal, Message: "decode queue " + string(row.ID), Err: err}
	}
	var queue string
	err := queryRow(ctx, r.q, figuresQuery, []any{int64(max(since, 1)), int64(shortAbandon), int64(q.Target) * 1_000_000, string(row.ID)},
		&queue, &f.Offered, &f.Answered, &f.Abandoned, &f.Short, &f.Callback, &f.Waiting, &f.OldestQueue,
		&f.WaitSum, &f.TalkSum, &f.HoldSum, &f.WrapSum, &f.ExtraSum, &f.AnsweredIn)
	if err = rowError("figures", err); rivage.CodeOf(err) == rivage.NotFound {
		return f, nil
	}
	return f, err
}
