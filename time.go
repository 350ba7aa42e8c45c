package myna

import "time"

// Time is a moment in milliseconds since 1970 UTC; zero means "never". JSON shows it as RFC 3339 with
// milliseconds, always in UTC.
type Time int64

const timeLayout = "2006-01-02T15:04:05.000Z"

// TimeOf cuts t down to milliseconds.
func TimeOf(t time.Time) Time { return Time(t.UnixMilli()) }

// Go gives the moment as a time.Time in UTC.
func (t Time) Go() time.Time { return time.UnixMilli(int64(t)).UTC() }

// Add moves t by d.
func (t Time) Add(d time.Duration) Time { return t + Time(d.Milliseconds()) }

// IsZero says whether t is "never"; omitzero uses it.
func (t Time) IsZero() bool { return t == 0 }

func (t Time) String() string { return t.Go().Format(timeLayout) }

func (t Time) AppendText(b []byte) ([]byte, error) { return t.Go().AppendFormat(b, timeLayout), nil }

func (t Time) MarshalText() ([]byte, error) { return t.AppendText(nil) }

func (t *Time) UnmarshalText(b []byte) error {
	parsed, err := time.Parse(time.RFC3339Nano, string(b))
	if err != nil {
		return Errorf(Invalid, CodeBadTime, "%q is not a time: write it like %s", clip(b), timeLayout)
	}
	*t = TimeOf(parsed)
	return nil
}
