#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# rooms.pl: prints which room of user/ includes which, as HACKING.md has it. Says what breaks the rules, and exits with 1 then:
# a room includes only rooms below it, no files include each other in a circle, an include names its room, each base name is there
# once, and only kernel/ includes <bpf/>.
use strict;
use warnings;

# from the top down
my @rooms = qw(cli mail doctor report kernel unit host dns policy config base);
my %level = map { $rooms[$_] => $_ } 0 .. $#rooms;
my (%arrow, %files, %lines, %next, %seen, $wrong);

sub complain { print STDERR "@_\n"; $wrong = 1 }

for my $path (sort glob 'user/*/*.[ch]') {
	my ($room, $file, $base) = $path =~ m{^user/([^/]+)/((.+)\.[ch])$};
	complain("$path: '$room' is no room") and next unless defined $level{$room};
	complain("$path: there is $seen{$file} already") if $seen{$file};
	$seen{$file} = $path;
	$files{$room}++;
	open my $in, '<', $path or die "$path: $!\n";
	while (<$in>) {
		$lines{$room}++;
		complain("$path:$.: only kernel/ includes <bpf/>") if m{^#include <bpf/} && $room ne 'kernel';
		next unless m{^#include "([^"]+)"} && $1 !~ m{^srcpin/|\.skel\.h$};
		my ($to, $what) = $1 =~ m{^([^/]+)/(.+)\.h$};
		complain("$path:$.: \"$1\" names no room") and next unless defined $to && -e "user/$to/$what.h";
		$next{"$room/$base"}{"$to/$what"} = 1 if "$room/$base" ne "$to/$what";
		next if $to eq $room;
		complain("$path:$.: $room is below $to") if $level{$to} <= $level{$room};
		$arrow{$room}{$to} = 1;
	}
}

# Files that are on the way from themselves back to themselves
my (%state, @way);
sub walk {
	my ($file) = @_;
	return if ($state{$file} // '') eq 'done';
	if (($state{$file} // '') eq 'on the way') {
		my @circle = @way;
		shift @circle while $circle[0] ne $file;
		complain("a circle: @circle $file");
		return;
	}
	$state{$file} = 'on the way';
	push @way, $file;
	walk($_) for sort keys %{ $next{$file} };
	pop @way;
	$state{$file} = 'done';
}
walk($_) for sort keys %next;

print "| room | files | lines | includes |\n|---|---|---|---|\n";
for my $room (@rooms) {
	my @to = grep { $arrow{$room}{$_} } @rooms;
	printf "| `%s` | %d | %d | %s |\n", $room, $files{$room} // 0, $lines{$room} // 0, join ' ', map { "`$_`" } @to;
}
exit($wrong ? 1 : 0);
