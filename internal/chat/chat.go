// Package chat is what people do: it checks the input, and hands writes to the journal (which decides
// the rights in the transaction that carries the write out) and reads to the store (whose queries join
// the reader's membership). REST, WebSocket, bots and the command line all come through here.
//
// A Chat is safe for concurrent use.
package chat
