"""A proxy that passes bytes on and nothing else: what stands before a key server on this machine, and may be killed.

``python -m balie.embedded.relay --port 8301 --to 8300`` listens on loopback until SIGTERM.
"""

import argparse
import asyncio
import contextlib
import signal

HOST = "127.0.0.1"
CHUNK = 64 * 1024


async def relay(port: int, to: int) -> None:
    """Until cancelled. Who comes while nobody listens at `to` is hung up on, as by a proxy that is up before a server
    that is down.
    """

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError):
            behind_reader, behind_writer = await asyncio.open_connection(HOST, to)
            with contextlib.closing(behind_writer):
                ways = [_pour(reader, behind_writer), _pour(behind_reader, writer)]
                tasks = [asyncio.create_task(way) for way in ways]
                try:
                    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for task in tasks:
                        task.cancel()
                    await asyncio.gather(*tasks, return_exceptions=True)

    async with await asyncio.start_server(connected, HOST, port) as server:
        await server.serve_forever()


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()


async def main(port: int, to: int) -> None:
    task = asyncio.create_task(relay(port, to))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--to", type=int, required=True)
    asked = parser.parse_args()
    asyncio.run(main(asked.port, asked.to))
