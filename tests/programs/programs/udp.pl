# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# udp.pl ADDRESS: a UDP socket that is bound to ADDRESS and a port connects; what the peer says.
use strict;
use warnings;
use IO::Socket::IP;

alarm 3;
my $s = IO::Socket::IP->new(Proto => 'udp', LocalAddr => $ARGV[0], LocalPort => 20030 + $$ % 1000, PeerHost => '2001:db8:9::1', PeerPort => 7777)
	or die "$@\n";
$s->send('x') or die "$!\n";
$s->recv(my $said, 99);
print $said;
