package server

import (
	"github.com/myna-chat/myna/internal/live"
	"github.com/myna-chat/myna/internal/obs"
)

// metrics joins the numbers of the parts to the names they are known by.
func (s *Server) metrics() *obs.Metrics {
	m := obs.NewMetrics(s.options.Version)
	hub := func(read func(live.Stats) float64) func() float64 {
		return func() float64 { return read(s.hub.Stats()) }
	}
	m.Gauge("live_sessions", "Devices connected.", hub(func(st live.Stats) float64 { return float64(st.Sessions) }))
	m.Gauge("live_users", "People with a device connected.", hub(func(st live.Stats) float64 { return float64(st.Users) }))
	m.Gauge("live_scopes", "Scopes somebody listens to.", hub(func(st live.Stats) float64 { return float64(st.Scopes) }))
	m.Gauge("live_waiting", "Commits the hub has not looked at.", hub(func(st live.Stats) float64 { return float64(st.Waiting) }))
	m.Counter("live_changes_total", "Changes encoded.", hub(func(st live.Stats) float64 { return float64(st.Changes) }))
	m.Counter("live_deliveries_total", "Changes queued for a device.", hub(func(st live.Stats) float64 { return float64(st.Deliveries) }))
	m.Counter("live_overflows_total", "Queues of slow devices that were dropped.", hub(func(st live.Stats) float64 { return float64(st.Overflows) }))
	m.Counter("live_gaps_total", "Gaps filled from the database.", hub(func(st live.Stats) float64 { return float64(st.Gaps) }))
	m.Counter("journal_batches_total", "Transactions written.", func() float64 { n, _, _ := s.journal.Stats(); return float64(n) })
	m.Counter("journal_operations_total", "Operations written.", func() float64 { _, n, _ := s.journal.Stats(); return float64(n) })
	m.Gauge("journal_waiting", "Operations that wait to be written.", func() float64 { _, _, n := s.journal.Stats(); return float64(n) })
	return m
}
