#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# messages.pl PAGE FILE...: does the manual page have each message of the C
# sources, and no other? Prints what does not fit; exit status 1 then. The
# sources are read from the preprocessor (cc -E), so that a path in a macro is
# what the user reads.
#
# A message is the format of a call that makes one. Other literals in such a
# call (a remedy that is not always given), and the reasons why an address is
# not usable, have to stand in a message of the page. In the page a message is a line .B "...", with words in capitals where
# the format has a conversion.
use strict;
use warnings;

my $calls = qr/\b(?:fail|log_error|log_warning|log_info|log_diagnostic|problem|health_add_problem|diagnose|doctor_finding|doctor_unknown)\s*\(|\bsnprintf\(s->why,/;
my $literals = qr/"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*/;
my $conversion = qr/%[-#0 +]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|ll|l|z|j|t)?[a-zA-Z]/;

# What the source itself says, without what it includes
sub own_text {
	my ($file) = @_;
	my ($own, $text) = (0, '');
	open my $in, '<', $file or die "$file: $!\n";
	while (<$in>) {
		if (/^# \d+ "(.*?)"/) { $own = $1 =~ m{^user/.+\.c$} }
		elsif ($own) { $text .= $_ }
	}
	return $text;
}

# The arguments of a call, up to its closing parenthesis
sub arguments {
	my ($text) = @_;
	my ($depth, $args) = (1, '');
	while ($depth && $text =~ /\G($literals|[^"])/gc) {
		$depth++ if $1 eq '(';
		$depth-- if $1 eq ')';
		$args .= $1 if $depth;
	}
	return $args;
}

sub joined {
	my ($group) = @_;
	my $said = join '', $group =~ /"((?:[^"\\]|\\.)*)"/g;
	$said =~ s/\\n$//;
	return $said;
}

# A regex for what the page may write, and one for what the source may
sub pattern {
	my ($said) = @_;
	return join '.*?', map { quotemeta } split /$conversion/, $said, -1;
}

sub fits {
	my ($head, $format) = @_;
	my $pattern = pattern($format);
	return 1 if $head =~ /^$pattern$/;
	my $wider = join '.+', map { quotemeta } split /\b(?:FILE|PATH|ERROR)\b/, $head, -1;
	return $format =~ /^$wider$/;
}

my (@heads, %formats, %pieces);
my $page = shift @ARGV;
open my $in, '<', $page or die "$page: $!\n";
while (<$in>) {
	next unless /^\.B "(.*)"$/;
	my $head = $1;
	$head =~ s/\\-/-/g;
	$head =~ s{\\\((aq|ga)}{$1 eq "aq" ? "'" : "`"}ge;
	push @heads, $head;
}
for my $file (@ARGV) {
	my $text = own_text($file);
	while ($text =~ /($calls)/g) {
		my $piece_only = $1 =~ /^snprintf/;
		my $args = arguments(substr $text, pos $text);
		my @said = map { joined($_) } $args =~ /($literals)/g;
		if (!$piece_only && @said) {
			my $format = shift @said;
			$formats{$format} = $file if $format =~ s/$conversion//gr =~ /[a-z]/;
		}
		$pieces{$_} = $file for grep { /[a-z].* .*[a-z]/ } @said;
	}
}

my $bad = 0;
sub complain { print @_, "\n"; $bad = 1 }

die "no message was found\n" unless keys %formats;
for my $format (sort keys %formats) {
	complain("not in $page: $format") unless grep { fits($_, $format) } @heads;
}
for my $piece (sort keys %pieces) {
	my $pattern = pattern($piece);
	complain("not in $page, as a part: $piece") unless grep { /$pattern/ } @heads;
}
for my $head (@heads) {
	complain("no message of the program: $head") unless grep { fits($head, $_) } keys %formats;
}
exit $bad;
