// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// udp.js send | connect ADDRESS: a datagram; what the peer says.
"use strict";
const socket = require("dgram").createSocket("udp6");
socket.on("error", (error) => {
	console.error(error);
	process.exit(1);
});
socket.on("message", (said) => {
	console.log(said.toString());
	process.exit();
});
if (process.argv[2] === "send")
	socket.send("x", 7777, "2001:db8:9::1");
else
	socket.bind(0, process.argv[3], () => socket.connect(7777, "2001:db8:9::1", (error) => {
		if (error)
			throw error;
		socket.send("x");
	}));
