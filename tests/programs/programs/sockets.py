# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""sockets.py udp ADDRESS | asyncio | aiohttp | aiodns: prints what the peer says."""
import asyncio
import socket
import sys


async def by_streams():
    reader, _ = await asyncio.open_connection("x.example.org", 7777)
    print(await reader.read())


async def by_aiohttp():
    import aiohttp

    async with aiohttp.ClientSession() as session, session.get("http://x.example.org/") as page:
        print(await page.text())


async def by_aiodns():
    import aiodns

    print(await aiodns.DNSResolver().query("x.example.org", "AAAA"))


if sys.argv[1] == "udp":
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.settimeout(2)
    s.bind((sys.argv[2], 0))
    s.connect(("2001:db8:9::1", 7777))
    s.send(b"x")
    print(s.recv(99))
else:
    asyncio.run({"asyncio": by_streams, "aiohttp": by_aiohttp, "aiodns": by_aiodns}[sys.argv[1]]())
