// The echo server of the contract suite on Go's net/http.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

func main() {
	panic(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), http.HandlerFunc(answer)))
}

func answer(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	path, query, _ := strings.Cut(r.RequestURI, "?")
	route, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch route {
	case "echo":
		reply(w, 200, "application/json", marshal(map[string]any{
			"method": r.Method, "path": path, "query": query, "headers": headersOf(r), "length": len(body),
		}))
	case "mirror":
		contentType := r.Header.Get("Content-Type")
		if contentType == "" {
			contentType = "application/octet-stream"
		}
		reply(w, 200, contentType, body)
	case "status":
		status, _ := strconv.Atoi(rest)
		reply(w, status, "application/json", []byte(`{"status":`+rest+`}`))
	case "pid":
		reply(w, 200, "application/json", marshal(map[string]int{"pid": os.Getpid()}))
	case "headers":
		w.Header().Add("Set-Cookie", "a=1; Path=/")
		w.Header().Add("Set-Cookie", "b=2, c; HttpOnly")
		w.Header().Set("X-Latin", "caf\xe9")
		w.WriteHeader(200)
	case "redirect":
		w.Header().Set("Location", "/echo?from=redirect")
		reply(w, 302, "text/plain", []byte("moved"))
	case "bodiless":
		status, _ := strconv.Atoi(rest)
		w.Header().Set("ETag", `"v1"`)
		w.WriteHeader(status)
	case "gzip":
		w.Header().Set("Content-Encoding", "gzip")
		gzipped, _ := hex.DecodeString(os.Getenv("GZIPPED"))
		reply(w, 200, "text/plain", gzipped)
	case "stream":
		w.Header().Set("Content-Type", "application/x-ndjson")
		for number := 1; number <= 3; number++ {
			fmt.Fprintf(w, "{\"n\":%d}\n", number)
			w.(http.Flusher).Flush()
			time.Sleep(20 * time.Millisecond)
		}
	case "large":
		length, _ := strconv.Atoi(rest)
		reply(w, 200, "application/octet-stream", []byte(strings.Repeat("a", length)))
	case "slow":
		fmt.Println("slow call begun")
		select {}
	case "crash":
		fmt.Fprintln(os.Stderr, "about to crash")
		os.Exit(3)
	}
}

func reply(w http.ResponseWriter, status int, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	w.Write(body)
}

func headersOf(r *http.Request) [][2]string {
	headers := [][2]string{{"host", r.Host}}
	for name, values := range r.Header {
		for _, value := range values {
			headers = append(headers, [2]string{strings.ToLower(name), latin1(value)})
		}
	}
	return headers
}

// latin1 makes one character of each byte, as a JSON text cannot hold bytes that are not UTF-8.
func latin1(value string) string {
	characters := make([]rune, 0, len(value))
	for _, octet := range []byte(value) {
		characters = append(characters, rune(octet))
	}
	return string(characters)
}

func marshal(value any) []byte {
	text, _ := json.Marshal(value)
	return text
}
