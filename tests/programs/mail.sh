# shellcheck shell=bash disable=SC2016,SC2034 # what is quoted runs inside
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# MTAs, mail clients and filters. v6.example.org has an IPv6 address alone, v4.example.org an IPv4 one; they are the MXes of
# mx.example.org and mx4.example.org.

sends='sends a mail to a domain, by its MX'
relays='sends a mail to a host'
by_sendmail='echo "$MAIL" | sendmail -f a@vps.test b@mx.example.org && arrived'

LIMIT=90
postfix='postconf -e myhostname=vps.test mydestination= inet_interfaces=loopback-only smtp_tls_security_level=none maillog_file=/dev/stdout smtp_connect_timeout=5
	newaliases; mkdir -p /var/spool/postfix/etc; cp /etc/{resolv.conf,hosts,services} /var/spool/postfix/etc; postfix start-fg & up 25; PATIENCE=15; '
pinned Postfix postfix "$sends" "$postfix $by_sendmail"
pinned 'Postfix, IPv4' postfix "$sends" "$postfix ${by_sendmail/mx/mx4}"
pinned 'Postfix, inet_interfaces' postfix "$sends" "$postfix postconf -e smtp_bind_address6=2001:db8:1::5; $by_sendmail"
two_transports='postconf -M "one/unix=one unix - - n - - smtp -o smtp_bind_address6=2001:db8:2::25" "two/unix=two unix - - n - - smtp -o smtp_bind_address6=2001:db8:2::26"
	printf "%s\n" "mx1.example.org one:" "mx2.example.org two:" >/etc/postfix/transport; postconf -e transport_maps=texthash:/etc/postfix/transport
	'"$postfix"'echo "${MAIL/$TOKEN/$TOKEN-1}" | sendmail -f a@vps.test b@mx1.example.org; echo "${MAIL/$TOKEN/$TOKEN-2}" | sendmail -f a@vps.test b@mx2.example.org
	arrived "2001:db8:2::25 $TOKEN-1" && arrived "2001:db8:2::26 $TOKEN-2"'
listed 'Postfix, two transports' postfix 'sends for two domains' "$two_transports"
layer exim
exim='cat >e.conf <<-END
	primary_hostname = vps.test
	log_file_path = /tmp/exim-%slog
	spool_directory = /var/spool/exim4
	begin routers
	mx:
	  driver = dnslookup
	  transport = smtp
	  no_more
	begin transports
	smtp:
	  driver = smtp
	  hosts_avoid_tls = *
	  hosts_avoid_pipelining = *
	END
	chmod 644 e.conf; '
pinned Exim exim4-daemon-light "$sends" "$exim"' echo "$MAIL" | exim4 -C /tmp/e.conf -f a@vps.test -odf b@mx.example.org; arrived || { cat exim-*; exit 1; }'
pinned 'Exim, IPv4' exim4-daemon-light "$sends" "$exim"' echo "$MAIL" | exim4 -C /tmp/e.conf -f a@vps.test -odf b@mx4.example.org; arrived'
layer opensmtpd
opensmtpd='printf "%s\n" "listen on lo" "action out relay" "match from any for any action out" >o.conf; smtpd -d -f /tmp/o.conf & up 25; PATIENCE=15; '
pinned OpenSMTPD opensmtpd "$sends" "$opensmtpd"'echo "$MAIL" | /usr/sbin/smtpctl encrypt x >/dev/null 2>&1; /usr/sbin/sendmail -f a@vps.test b@mx.example.org <<<"$MAIL" && arrived'
pinned 'OpenSMTPD, IPv4' opensmtpd "$sends" "$opensmtpd"'/usr/sbin/sendmail -f a@vps.test b@mx4.example.org <<<"$MAIL" && arrived'
layer sendmail
sendmail='m4 $HERE/sendmail.mc >s.cf; mkdir -p /var/spool/mqueue /run/sendmail; PATIENCE=15; '
pinned sendmail sendmail-bin "$sends" "$sendmail"'sendmail -C /tmp/s.cf -odi -f a@vps.test b@mx.example.org <<<"$MAIL"; arrived'
layer courier
courier='mkdir -p /run/courier; chown courier:courier /run/courier; echo vps.test >/etc/courier/me; echo vps.test >/etc/courier/defaultdomain; touch /etc/courier/locals
	echo ESMTP_USE_STARTTLS=0 >>/etc/courier/courierd; echo "$SETTING" >>/etc/courier/courierd
	/usr/sbin/courier start; PATIENCE=12; sleep 1; '
send='/usr/sbin/sendmail -f a@vps.test b@%s.example.org <<<"$MAIL" && arrived'
pinned Courier courier-mta "$sends" "$courier ${send/\%s/mx}"
lookups=own refused 'Courier, IPv4' courier-mta "$sends" "$courier ${send/\%s/mx4}" 'SOURCE_ADDRESS_IPV6=SOURCE and SOURCE_ADDRESS=SOURCE4' \
	"SETTING=\"SOURCE_ADDRESS_IPV6=\$SOURCE
SOURCE_ADDRESS=\$SOURCE4\"; $courier ${send/\%s/mx4}"
layer dma
pinned dma dma "$sends" 'sed -i "/SECURE\|STARTTLS\|SMARTHOST/d" /etc/dma/dma.conf; echo "$MAIL" | /usr/sbin/dma -f a@vps.test b@mx.example.org; arrived'
pinned 'dma, IPv4' dma "$sends" 'sed -i "/SECURE\|STARTTLS\|SMARTHOST/d" /etc/dma/dma.conf; echo "$MAIL" | /usr/sbin/dma -f a@vps.test b@mx4.example.org; arrived'
layer nullmailer
pinned nullmailer nullmailer "$relays" 'echo v6.example.org smtp >/etc/nullmailer/remotes; rm -f /var/spool/nullmailer/trigger; mkfifo /var/spool/nullmailer/trigger; chown mail: /var/spool/nullmailer/trigger
	su mail -s /bin/sh -c /usr/sbin/nullmailer-send & sleep 0.5; '"$by_sendmail"
layer ssmtp
pinned ssmtp ssmtp "$relays" 'printf "mailhub=v6.example.org\nhostname=vps.test\n" >/etc/ssmtp/ssmtp.conf; '"$by_sendmail"
layer esmtp
pinned esmtp esmtp-run "$relays" 'echo "hostname = v6.example.org:25" >/etc/esmtprc; /usr/bin/esmtp -f a@vps.test b@mx.example.org <<<"$MAIL"; arrived'
layer ''
LIMIT=40

pinned msmtp msmtp "$relays" 'msmtp --host=v6.example.org --from=a@vps.test b@mx.example.org <<<"$MAIL" && arrived'
pinned 'msmtp --source-ip' msmtp "$relays" 'msmtp --source-ip=2001:db8:1::5 --host=v6.example.org --from=a@vps.test b@mx.example.org <<<"$MAIL" && arrived'
pinned s-nail s-nail "$relays" 'echo hi | s-nail -n -S v15-compat -S mta=smtp://v6.example.org -S smtp-auth=none -S smtp-config=-all -r a@vps.test -s $TOKEN b@mx.example.org; arrived'
pinned swaks swaks "$relays" 'swaks --server v6.example.org --from a@vps.test --to b@mx.example.org --helo vps.test --header "Subject: $TOKEN" && arrived'
pinned 'swaks --local-interface' swaks "$relays" 'swaks --local-interface 192.0.2.5 --server v4.example.org --from a@vps.test --to b@mx.example.org --helo vps.test --header "Subject: $TOKEN" && arrived'
pinned 'Python smtplib' python3-minimal "$relays" 'python3 $HERE/mail.py smtplib && arrived'
pinned 'Python smtplib, bound' python3-minimal "$relays" 'python3 $HERE/mail.py smtplib 2001:db8:1::5 && arrived'
pinned aiosmtplib python3-aiosmtplib "$relays" 'python3 $HERE/mail.py aiosmtplib && arrived'
pinned 'Perl Net::SMTP' perl "$relays" 'perl -MNet::SMTP -e "\$s = Net::SMTP->new(q(v6.example.org)) or die; \$s->mail(q(a@vps.test)); \$s->to(q(b@mx.example.org)); \$s->data(\$ARGV[0]); \$s->quit" "$MAIL" && arrived'
pinned 'Ruby Net::SMTP' ruby "$relays" 'ruby -rnet/smtp -e "Net::SMTP.start(%q(v6.example.org), 25, starttls: false) { |s| s.send_message ARGV[0], %q(a@vps.test), %q(b@mx.example.org) }" "$MAIL" && arrived'
pinned 'PHP mail()' php-cli "$relays" 'echo "sendmail_path = \"msmtp --host=v6.example.org --from=a@vps.test -t\"" >p.ini; php -c p.ini -r "exit(mail(\"b@mx.example.org\", \$argv[1], \"hi\") ? 0 : 1);" $TOKEN && arrived'
pinned 'curl, SMTP' curl "$relays" 'echo "$MAIL" | curl -sS smtp://v6.example.org --mail-from a@vps.test --mail-rcpt b@mx.example.org -T - && arrived'
layer npm
pinned nodemailer npm "$relays" 'cd /opt/npm && node $HERE/mail.js nodemailer && arrived'
pinned smtp-connection npm "$relays" 'cd /opt/npm && node $HERE/mail.js smtp-connection && arrived'
pinned mx-connect npm "$sends" 'cd /opt/npm && node $HERE/mail.js mx-connect && arrived'
pinned Haraka npm "$sends" 'cd /opt/npm && node_modules/.bin/haraka -i /tmp/h >/dev/null && cd /tmp/h && printf "listen=127.0.0.1:2525\n" >config/smtp.ini && echo any >config/plugins && mkdir -p queue && echo enable=false >config/tls.ini
	printf "exports.register = function () { this.register_hook(\"rcpt\", \"all\") }\nexports.all = function (next, connection) { connection.relaying = true; next(OK) }\n" >plugins/any.js
	printf "local_mx_ok=true\nenable_tls=false\n[main]\nenable_tls=false\n" >config/outbound.ini
	/opt/npm/node_modules/.bin/haraka -c /tmp/h & up 2525 && swaks --server 127.0.0.1:2525 --from a@vps.test --to b@mx.example.org --helo vps.test --header "Subject: $TOKEN" && PATIENCE=15 arrived'
layer ''

fetches='polls a mailbox'
pinned fetchmail fetchmail "$fetches" 'printf "poll v6.example.org protocol POP3 user a password b sslproto \"\"\n" >f; chmod 600 f; fetchmail -f f --nosyslog -v --idfile /tmp/i --pidfile /tmp/p; [[ $? -le 1 ]]'
pinned mpop mpop "$fetches" 'mpop --host=v6.example.org --user=a --passwordeval="echo b" --auth=user --tls=off --deliver=mbox,/tmp/m --uidls-file=/tmp/u'
