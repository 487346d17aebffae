# shellcheck shell=bash disable=SC2016,SC2034 # what is quoted runs inside
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# What checks mail and asks the DNS for it, and what fetches mail. The peer says "v=spf1 -all" of each name.

layer filters
checks='asks the DNS about a mail'
signed='printf "%s\n" "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=x.example.org; s=s; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA" "$MAIL" >m; '
opendkim="$signed"'printf "%s\n" "Mode v" "ResolverConfiguration /tmp/u.conf" >o.conf; opendkim -x o.conf -t m 2>&1 | tee said; ! grep -qiE "key (retrieval|DNS query) failed" said'
zone='printf "%s\n" "server:" " module-config: iterator" "$SETTING" "forward-zone:" " name: ." " forward-addr: 2001:db8:9::1" >u.conf; '
refused OpenDKIM opendkim "$checks" "$zone$opendkim" 'ResolverConfiguration FILE, with udp-connect: no in FILE' "SETTING=' udp-connect: no'; $zone$opendkim"
pinned 'Perl Mail::DKIM' libmail-dkim-perl "$checks" "$signed"'perl -MMail::DKIM::Verifier -e "\$v = Mail::DKIM::Verifier->new; \$v->PRINT(join(qq(\\015\\012), split /\\n/, join(q(), <>)) . qq(\\015\\012)); \$v->CLOSE; print \$v->result_detail" m | saw "invalid|fail"'
policy='printf "request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address=192.0.2.99\nhelo_name=x.example.org\nsender=a@x.example.org\nrecipient=b@vps.test\ninstance=1\n\n"'
pinned policyd-spf-python postfix-policyd-spf-python "$checks" "$policy | timeout 20 policyd-spf | saw 'action=.*(550|Fail)'"
pinned policyd-spf-perl postfix-policyd-spf-perl "$checks" "$policy | timeout 20 postfix-policyd-spf-perl | saw 'action=.*(550|fail)'"

layer ''
sa='printf "%s\n" "Received: from x.example.org (x.example.org [192.0.2.99]) by vps.test; Tue, 1 Dec 2026 00:00:00 +0000" "$MAIL" >m
	timeout 35 spamassassin -D dns --cf="dns_server $SERVER" --cf="dns_available yes" -t <m 2>&1 | saw "dns: .*(reply|answer|response|records)"'
refused SpamAssassin spamassassin "$checks" "SERVER='[2001:db8:9::1]:53'; $sa" 'dns_server of a local dnsmasq' "dnsmasq -k -u root -p 5300 --no-resolv -S 2001:db8:9::1 & up 5300; SERVER='[127.0.0.1]:5300'; $sa"
pinned 'Perl Mail::SPF' libmail-spf-perl 'checks SPF' 'perl -MMail::SPF -e "print Mail::SPF::Server->new->process(Mail::SPF::Request->new(scope => q(mfrom), identity => q(a@x.example.org), ip_address => q(192.0.2.9)))->code" | saw fail'
pinned 'spfquery (libspf2)' spfquery 'checks SPF' 'spfquery -ip 192.0.2.9 -sender a@x.example.org -helo x.example.org | saw fail'
pinned 'Python spf' python3-spf 'checks SPF' 'python3 -c "import spf; print(spf.check2(i=\"192.0.2.9\", s=\"a@x.example.org\", h=\"x.example.org\"))" | saw fail'

fetches='polls a mailbox'
pinned getmail6 getmail6 "$fetches" 'mkdir -p g/cur g/new g/tmp; printf "%s\n" "[retriever]" "type = SimplePOP3Retriever" "server = v6.example.org" "username = a" "password = b" "[destination]" "type = Maildir" "path = /tmp/g/" >getmailrc
	getmail --getmaildir=/tmp --rcfile=getmailrc | saw "0 messages"'
pinned mbsync isync 'connects' 'mkdir l; printf "%s\n" "IMAPAccount a" "Host x.example.org" "Port 7777" "User a" "Pass b" "SSLType None" "" "IMAPStore r" "Account a" "" "MaildirStore l" "Path /tmp/l/" "Inbox /tmp/l/i" "" "Channel c" "Far :r:" "Near :l:" >m
	timeout 10 mbsync -c m c 2>&1 | saw "IMAP (error|connection)|unexpected EOF|malformed"'
