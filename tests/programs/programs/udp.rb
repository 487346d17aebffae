# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# udp.rb ADDRESS: a UDP socket that is bound to ADDRESS connects; what the peer says.
require "socket"
require "timeout"
s = UDPSocket.new(Socket::AF_INET6)
s.bind(ARGV[0], 0)
s.connect("2001:db8:9::1", 7777)
s.send("x", 0)
Timeout.timeout(2) { print s.recv(99) }
