// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// mail.js nodemailer|smtp-connection|mx-connect: sends a mail, with the package of npm of this name.
"use strict";
const { createRequire } = require("module");
const npm = createRequire("/opt/npm/");
const envelope = { from: "a@vps.test", to: ["b@mx.example.org"] };
const mail = `Subject: ${process.env.TOKEN}\r\n\r\nhello\r\n`;
const settings = { host: "v6.example.org", port: 25, name: "vps.test", ignoreTLS: true };

function deliver(Connection, options) {
	const connection = new Connection(options);
	connection.on("error", fail);
	connection.connect(() => connection.send(envelope, mail, (error) => (error ? fail(error) : connection.quit())));
}

function fail(error) {
	console.error(error);
	process.exit(1);
}

switch (process.argv[2]) {
case "nodemailer":
	npm("nodemailer").createTransport(settings).sendMail({ envelope, raw: mail }).catch(fail);
	break;
case "smtp-connection":
	deliver(npm("smtp-connection"), settings);
	break;
default:
	npm("mx-connect")({ target: "mx.example.org" }).then(
		(mx) => deliver(npm("smtp-connection"), { ...settings, connection: mx.socket }), fail);
}
