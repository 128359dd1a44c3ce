// SPDX-License-Identifier: EUPL-1.2

package link

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"rivage.example/rivage"
)

// patience is how long a look-up at a system that hangs is given, and far is what it may not reach.
const (
	patience = 150 * time.Millisecond
	far      = 5 * time.Second
)

// lookHostile looks a card up with little time, and checks that it came back in time.
func lookHostile(t *testing.T, url string) (Card, error) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	began := time.Now()
	card, err := newOutside().Look(ctx, source(url+"/parcels/{key}"), testKey)
	if took := time.Since(began); took > far {
		t.Errorf("it took %v", took)
	}
	return card, err
}

// raw is a system that writes these bytes once it read the head of a request, then hangs up or waits for the other end
// to do so.
func raw(t *testing.T, answer string, hold bool) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer c.Close()
				head := make([]byte, 4096)
				_, _ = c.Read(head)
				_, _ = io.WriteString(c, answer)
				if hold {
					_, _ = io.Copy(io.Discard, c)
				}
			})
		}
	})
	t.Cleanup(func() { l.Close(); running.Wait() })
	return "http://" + l.Addr().String()
}

func TestSystemsThatHang(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	for name, url := range map[string]string{
		"at accept":                 "http://" + silent.Addr().String(),
		"at accept, in TLS":         "https://" + silent.Addr().String(),
		"before the answer":         raw(t, "", true),
		"in TLS":                    strings.Replace(raw(t, "\x16\x03\x03", true), "http:", "https:", 1),
		"in the headers":            raw(t, head, true),
		"after an interim answer":   raw(t, "HTTP/1.1 103 Early Hints\r\n\r\n", true),
		"after the headers":         raw(t, head+"\r\n", true),
		"in the body":               raw(t, head+"Content-Length: 100\r\n\r\n{\"number\":\""+canary, true),
		"in a chunk":                raw(t, head+"Transfer-Encoding: chunked\r\n\r\n5\r\n{\"nu", true),
		"after the JSON, in length": raw(t, head+"Content-Length: 100\r\n\r\n{}", true),
	} {
		t.Run(name, func(t *testing.T) {
			card, err := lookHostile(t, url)
			refused(t, card, err, rivage.Unavailable, "it did not answer in time")
		})
	}
}

func TestASystemThatTrickles(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for r.Context().Err() == nil {
			fmt.Fprint(w, " ")
			http.NewResponseController(w).Flush()
			select {
			case <-tick.C:
			case <-r.Context().Done():
			}
		}
	})
	card, err := lookHostile(t, s.URL)
	refused(t, card, err, rivage.Unavailable, "it did not answer in time")
}

func TestALookUpThatIsGivenUp(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	gone := make(chan struct{})
	s := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done() // the connection is let go of
		close(gone)
	})
	card, err := newOutside().Look(ctx, source(s.URL+"/{key}"), testKey)
	refused(t, card, err, rivage.Unavailable, "given up")
	<-gone
}

func TestAnEndlessBodyIsLeftEarly(t *testing.T) {
	sent := make(chan int, 1)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		n := 0
		for block := bytes.Repeat([]byte(" "), 4096); r.Context().Err() == nil; {
			k, err := w.Write(block)
			if n += k; err != nil {
				break
			}
		}
		sent <- n
	})
	card, err := newOutside().Look(t.Context(), source(s.URL+"/{key}"), testKey)
	refused(t, card, err, rivage.Unavailable, "longer than 65536 bytes")
	<-sent // it ends: the connection is let go of
}

// Chunks of a byte each carry a short body in a long answer.
func TestChunksThatWeighMoreThanTheBody(t *testing.T) {
	answer := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n" +
		strings.Repeat("1;a=b\r\n \r\n", maxBody/2) + "0\r\n\r\n"
	card, err := newOutside().Look(t.Context(), source(raw(t, answer, false)+"/{key}"), testKey)
	refused(t, card, err, rivage.Unavailable, "longer than 65536 bytes")
}

func TestTheLengthOfABody(t *testing.T) {
	full := `{"number":"1"}`
	for _, c := range []struct {
		length  int
		chunked bool
		says    string
	}{
		{maxBody, false, ""}, {maxBody, true, ""}, {maxBody + 1, false, "longer than"}, {maxBody + 1, true, "longer than"},
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if c.chunked {
				http.NewResponseController(w).Flush()
			} else {
				w.Header().Set("Content-Length", fmt.Sprint(c.length))
			}
			fmt.Fprint(w, full+strings.Repeat(" ", c.length-len(full)))
		})
		card, err := newOutside().Look(t.Context(), source(s.URL+"/{key}"), testKey)
		if c.says != "" {
			refused(t, card, err, rivage.Unavailable, c.says)
		} else if err != nil || len(card.Fields) != 1 {
			t.Errorf("%+v: %v, %v", c, card, err)
		}
	}
}

func TestHeadersThatAreRefused(t *testing.T) {
	const head, end = "HTTP/1.1 200 OK\r\n", "\r\n\r\n{\"number\":\"" + canary + "\"}"
	for _, c := range []struct{ name, answer, says string }{
		{"no type", head + "X: y" + end, "type application/json"},
		{"HTML", head + "Content-Type: text/html" + end, "type application/json"},
		{"another JSON", head + "Content-Type: application/problem+json" + end, "type application/json"},
		{"two types", head + "Content-Type: application/json\r\nContent-Type: text/html" + end, "type application/json"},
		{"a type of two", head + "Content-Type: application/json, text/html" + end, "type application/json"},
		{"Latin-1", head + "Content-Type: application/json; charset=iso-8859-1" + end, "type application/json"},
		{"gzip", head + "Content-Type: application/json\r\nContent-Encoding: gzip" + end, "compressed"},
		{"two codings", head + "Content-Type: application/json\r\nContent-Encoding: identity\r\nContent-Encoding: br" + end, "compressed"},
		{"long headers", head + "X: " + strings.Repeat("a", maxHead) + end, "headers of its answer are longer"},
		{"many headers", head + strings.Repeat("X: "+canary+"\r\n", maxHead/8) + end, "headers of its answer are longer"},
		{"interim answers without end", strings.Repeat("HTTP/1.1 102 Processing\r\n\r\n", maxHead/8), "headers of its answer are longer"},
		{"no HTTP", "SSH-2.0-" + canary + "\r\n", "hung up, or does not speak HTTP/1.1"},
		{"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "hung up, or does not speak HTTP/1.1"},
		{"a bad status", "HTTP/1.1 " + canary + "\r\n\r\n", "hung up, or does not speak HTTP/1.1"},
		{"a bad header", head + canary + "\r\n\r\n", "hung up, or does not speak HTTP/1.1"},
		{"two lengths", head + "Content-Type: application/json\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", "hung up, or does not speak HTTP/1.1"},
		{"a hang-up", "", "hung up"},
		{"a hang-up in the headers", head, "hung up"},
		{"a hang-up in the body", head + "Content-Type: application/json\r\nContent-Length: 99" + end, "hung up"},
		{"a hang-up after a chunk", head + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", "hung up"},
		{"a bad chunk", head + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", "hung up"},
		{"an unfinished JSON", head + "Content-Type: application/json\r\n\r\n{\"number\":", "not one JSON object"},
		{"another protocol", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", "status 101"},
	} {
		t.Run(c.name, func(t *testing.T) {
			card, err := newOutside().Look(t.Context(), source(raw(t, c.answer, false)+"/{key}"), testKey)
			refused(t, card, err, rivage.Unavailable, c.says)
		})
	}
}

func TestHeadersThatAreTaken(t *testing.T) {
	for name, answer := range map[string]string{
		"plain":             "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"number\":1}",
		"charset":           "HTTP/1.1 200 OK\r\nContent-Type: Application/JSON; charset=UTF-8\r\nContent-Length: 12\r\n\r\n{\"number\":1}",
		"identity":          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: identity\r\n\r\n{\"number\":1}",
		"an interim answer": "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"number\":1}",
		"chunks":            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nc;x=y\r\n{\"number\":1}\r\n0\r\n\r\n",
	} {
		card, err := newOutside().Look(t.Context(), source(raw(t, answer, false)+"/{key}"), testKey)
		if err != nil || len(card.Fields) != 1 || card.Fields[0].Text != "1" {
			t.Errorf("%s: %v, %v", name, card, err)
		}
	}
}

func TestStatuses(t *testing.T) {
	for status, want := range map[int]struct {
		code rivage.Code
		says string
	}{
		404: {rivage.NotFound, "no such record"},
		401: {rivage.Unavailable, "check its secret"}, 403: {rivage.Unavailable, "check its secret"},
		201: {rivage.Unavailable, "status 201"}, 204: {rivage.Unavailable, "status 204"}, 206: {rivage.Unavailable, "status 206"},
		304: {rivage.Unavailable, "redirects"}, 400: {rivage.Unavailable, "status 400"}, 410: {rivage.Unavailable, "status 410"},
		429: {rivage.Unavailable, "status 429"}, 500: {rivage.Unavailable, "status 500"}, 503: {rivage.Unavailable, "status 503"},
		999: {rivage.Unavailable, "status 999"},
	} {
		answer := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n\r\n{\"number\":\"%s\"}", status, testKey, canary)
		card, err := newOutside().Look(t.Context(), source(raw(t, answer, false)+"/{key}"), testKey)
		refused(t, card, err, want.code, want.says)
	}
}

func TestARedirectIsNotFollowed(t *testing.T) {
	inner := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		t.Error("the inner address was asked")
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"number":"inner"}`)
	})
	for _, status := range []int{301, 302, 303, 307, 308} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, inner.URL+"/"+testKey+"?"+canary, status)
		})
		o := newOutside()
		card, err := o.Look(t.Context(), source(s.URL+"/{key}"), testKey)
		refused(t, card, err, rivage.Unavailable, "redirects")
		if len(o.dialled) != 1 {
			t.Errorf("%d: dialled %q", status, o.dialled)
		}
	}
}

// A megabyte of zeros in a kilobyte: it is refused by its header, and without one by what it is.
func TestAGzipBombIsNotUnpacked(t *testing.T) {
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	fmt.Fprintf(z, `{"number":"%s"}`, strings.Repeat("0", 1<<20))
	z.Close()
	for said, says := range map[string]string{"gzip": "compressed", "": "not one JSON object"} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			if said != "" {
				w.Header().Set("Content-Encoding", said)
			}
			_, _ = w.Write(bomb.Bytes())
		})
		card, err := newOutside().Look(t.Context(), source(s.URL+"/{key}"), testKey)
		refused(t, card, err, rivage.Unavailable, says)
	}
}
