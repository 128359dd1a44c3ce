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

// longestCall is how long before its offer a call may have come in: what bounds the reading of Answered.
const longestCall = 24 * 60 * 60 * 1_000_000

// answeredQuery counts the conversations whose offers are of an instant or later, by queue and by place.
const answeredQuery = `SELECT queue, place_country, place_evidence, min(offered_at), count(*), count(*) FILTER (WHERE closed_at<>0),
	CAST(COALESCE(sum(talk+hold+wrap) FILTER (WHERE closed_at<>0), 0) AS BIGINT) FROM interaction
	WHERE opened_at>=$1 AND offered_at>=$2 AND answered_at<>0 GROUP BY queue, place_country, place_evidence`

// Answered counts the conversations of each queue and place whose offers are not older than an instant: what a floor reads at
// its start, for the shares of its day.
func (r Reader) Answered(ctx context.Context, since rivage.Micros) (list []rivage.AnsweredRow, err error) {
	err = queryAll(ctx, r.q, answeredQuery, []any{int64(since) - longestCall, int64(since)}, func(scan func(...any) error) error {
		var a rivage.AnsweredRow
		var queue, country, evidence string
		err := scan(&queue, &country, &evidence, &a.OfferedAt, &a.N, &a.Closed, &a.Handled)
		a.Queue, a.Place = rivage.ID(queue), rivage.Place{Country: rivage.Country(country), Evidence: rivage.Evidence(evidence)}
		list = append(list, a)
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
