// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

// dial NETWORK LOCAL: what the peer says
package main

import (
	"fmt"
	"net"
	"os"
	"time"
)

func dial(network, local string) error {
	dialer := net.Dialer{Timeout: 3 * time.Second}
	switch {
	case local == "":
	case network == "tcp":
		dialer.LocalAddr, _ = net.ResolveTCPAddr(network, local)
	default:
		dialer.LocalAddr, _ = net.ResolveUDPAddr(network, local)
	}
	c, err := dialer.Dial(network, "[2001:db8:9::1]:7777")
	if err != nil {
		return err
	}
	c.SetDeadline(time.Now().Add(2 * time.Second))
	if _, err = c.Write([]byte("x")); err != nil {
		return err
	}
	said := make([]byte, 99)
	n, err := c.Read(said)
	fmt.Println(string(said[:n]))
	return err
}

func main() {
	if err := dial(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
