// The servers, as programs in Go are: a goroutine for each connection, a loop, and a buffer.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"runtime"
)

const (
	room  = 16 * 1024 // what a read may take
	hello = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\nHello, world!"
)

var servers = map[string]func(){
	"echo": func() { accept(echo) },
	"udp":  returnPackets,
	"http": func() { accept(sayHello) },
}

func main() {
	runtime.GOMAXPROCS(1)
	if len(os.Args) == 2 && os.Args[1] == "list" {
		fmt.Println(`["serve echo", "serve udp", "serve http"]`)
		return
	}
	if len(os.Args) == 3 && os.Args[1] == "serve" && servers[os.Args[2]] != nil {
		servers[os.Args[2]]()
		return
	}
	fmt.Fprintln(os.Stderr, "usage: bench-go list | bench-go serve SERVER")
	os.Exit(2)
}

// Tells where this program serves, and ends it when its standard input ends: it never outlives who
// has started it.
func announce(port int) {
	fmt.Println(port)
	go func() {
		io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func accept(talk func(net.Conn)) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	announce(listener.Addr().(*net.TCPAddr).Port)
	for {
		connection, err := listener.Accept() // with TCP_NODELAY, which is Go's habit
		check(err)
		go talk(connection)
	}
}

func echo(connection net.Conn) {
	defer connection.Close()
	buffer := make([]byte, room)
	for {
		size, err := connection.Read(buffer)
		if err != nil {
			return
		}
		if _, err := connection.Write(buffer[:size]); err != nil {
			return
		}
	}
}

func sayHello(connection net.Conn) {
	defer connection.Close()
	buffer, answer := make([]byte, room), []byte(hello)
	var requests requests
	for {
		size, err := connection.Read(buffer)
		if err != nil {
			return
		}
		for count := requests.count(buffer[:size]); count > 0; count-- {
			if _, err := connection.Write(answer); err != nil {
				return
			}
		}
	}
}

// Finds the requests of a connection. They have no body, so each ends with its header, which is an
// empty line. Several may come at once, and one in pieces.
type requests struct {
	seen int // so much of the end has come
}

// How many end in these bytes, which follow those of the last call.
func (r *requests) count(bytes []byte) int {
	const end = "\r\n\r\n"
	found := 0
	for _, char := range bytes {
		if char == end[r.seen] {
			r.seen++
		} else if char == end[0] {
			r.seen = 1
		} else {
			r.seen = 0
		}
		if r.seen == len(end) {
			r.seen = 0
			found++
		}
	}
	return found
}

func returnPackets() {
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	check(err)
	announce(socket.LocalAddr().(*net.UDPAddr).Port)
	buffer := make([]byte, room)
	for {
		size, from, err := socket.ReadFromUDPAddrPort(buffer)
		check(err)
		_, err = socket.WriteToUDPAddrPort(buffer[:size], from)
		check(err)
	}
}
