// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

// What dial.c does, in a language whose programs make their system calls
// without libc.
package main

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"
)

func main() {
	dialer := net.Dialer{Timeout: 5 * time.Second}
	conn, err := dialer.Dial(os.Args[1], net.JoinHostPort(os.Args[2], os.Args[3]))
	if err == nil {
		_, err = conn.Write([]byte("x"))
	}
	var errno syscall.Errno
	switch {
	case err == nil:
	case errors.As(err, &errno):
		os.Exit(int(errno))
	case errors.Is(err, os.ErrDeadlineExceeded):
		os.Exit(int(syscall.ETIMEDOUT))
	default:
		os.Exit(255)
	}
}
