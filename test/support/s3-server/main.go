// An S3-compatible server in memory that checks signatures (rclone's gofakes3), with the buckets named as arguments.
// It prints the address it listens on.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"

	"github.com/rclone/gofakes3"
	"github.com/rclone/gofakes3/s3mem"
)

func main() {
	backend := s3mem.New()
	for _, bucket := range os.Args[1:] {
		if err := backend.CreateBucket(context.Background(), bucket); err != nil {
			panic(err)
		}
	}
	account := map[string]string{os.Getenv("ACCESS_KEY_ID"): os.Getenv("SECRET_ACCESS_KEY")}
	server := gofakes3.New(backend, gofakes3.WithV4Auth(account))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr())
	panic(http.Serve(listener, server.Server()))
}
