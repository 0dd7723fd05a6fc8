"""Peak memory of a crawl that meets ten huge bodies at once. Run: python benchmarks/memory.py [MEGABYTES]

The whole road of `contenders/warraq.py` (robots, sitemap, wire, spool, state, store), once with `fetch.max_body_bytes`
above the bodies' size (all kept whole) and once with the default (cut at 32 MiB and marked), against a server that
sends as fast as it is read.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import shutil
import subprocess
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

COUNT = 10
SCRIPT = Path(__file__).parent / "contenders" / "warraq.py"


def serve(answer: Connection, size: int) -> None:
    piece = os.urandom(1 << 20)

    async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                path = head.split(b" ", 2)[1]
                if path.startswith(b"/huge"):
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % size)
                    for _ in range(size >> 20):
                        writer.write(piece)
                        await writer.drain()
                    continue
                locations = b"".join(b"<url><loc>%s/huge/%d.html</loc></url>" % (origin, n) for n in range(COUNT))
                body = b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">%b</urlset>' % locations
                body = body if path == b"/sitemap.xml" else b""
                kind = b"application/xml" if body else b"text/plain"
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n" % (kind, len(body)) + body
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def main() -> None:
        nonlocal origin
        server = await asyncio.start_server(exchange, "127.0.0.1", 0)
        origin = b"http://127.0.0.1:%d" % server.sockets[0].getsockname()[1]
        answer.send(origin.decode())
        await server.serve_forever()

    origin = b""
    asyncio.run(main())


def crawl(origin: str, most: int) -> None:
    folder = tempfile.mkdtemp(prefix="warraq-memory-")
    try:
        command = [sys.executable, str(SCRIPT), origin, str(COUNT), folder, "kept", f"--max-body-bytes={most}"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        told = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        assert status == 0, status
        process.returncode = 0
        kept = json.loads(told.splitlines()[-1])["kept_bytes"]
        print(f"at most {most:>13,} bytes a body: peak {used.ru_maxrss // 1024} MB, {kept:,} bytes kept", flush=True)
    finally:
        shutil.rmtree(folder)


def main() -> None:
    size = int(sys.argv[1] if len(sys.argv) > 1 else 300) << 20
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(there, size), daemon=True)
    server.start()
    origin = here.recv()
    for most in (size * 2, 32 << 20):
        crawl(origin, most)
    server.terminate()


if __name__ == "__main__":
    main()
