package httpapi

import (
	"net/url"
	"strings"
)

type header struct {
	name  string
	value []string
}

// securityHeaders stand on every answer, API and client alike.
func securityHeaders(public *url.URL) []header {
	list := []header{
		{"Content-Security-Policy", []string{contentPolicy(public)}},
		{"X-Content-Type-Options", []string{"nosniff"}},
		{"Referrer-Policy", []string{"same-origin"}},
		{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
		{"Cross-Origin-Resource-Policy", []string{"same-origin"}},
		{"Permissions-Policy", []string{"camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"}},
	}
	if public.Scheme == "https" {
		list = append(list, header{"Strict-Transport-Security", []string{"max-age=31536000"}})
	}
	return list
}

// contentPolicy lets the client load from its own origin only and reach its own WebSocket. base-uri is
// 'self', not 'none', because the client's shell names the sub-path it is served at in <base>.
func contentPolicy(public *url.URL) string {
	socket := "ws://"
	if public.Scheme == "https" {
		socket = "wss://"
	}
	return strings.Join([]string{
		"default-src 'self'",
		"script-src 'self'",
		"style-src 'self'",
		"img-src 'self' data: blob:",
		"connect-src 'self' " + socket + public.Host,
		"object-src 'none'",
		"base-uri 'self'",
		"form-action 'self'",
		"frame-ancestors 'none'",
		"require-trusted-types-for 'script'",
		"trusted-types svelte-trusted-html myna-sw",
	}, "; ")
}
