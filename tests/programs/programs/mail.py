# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""mail.py smtplib|aiosmtplib [ADDRESS]: sends a mail to v6.example.org, bound to ADDRESS."""
import asyncio
import importlib
import os
import sys

FROM, TO, MAIL = "a@vps.test", ["b@mx.example.org"], f"Subject: {os.environ['TOKEN']}\r\n\r\nhello\r\n"
source = (sys.argv[2], 0) if len(sys.argv) > 2 else None
module = importlib.import_module(sys.argv[1])
if sys.argv[1] == "smtplib":
    with module.SMTP("v6.example.org", 25, "vps.test", 10, source) as s:
        s.sendmail(FROM, TO, MAIL)
else:
    asyncio.run(module.send(MAIL, sender=FROM, recipients=TO, hostname="v6.example.org", port=25, start_tls=False))
