#!/usr/bin/env python3
"""Times the dashboard's server as its clients see it: start, memory, answers under random filters, exports, many clients.

    make run && benchmarks/dashboard.py [--customers 100000 1000000] [--requests 60] [--program build/release/bin/quintile]

Makes a mart of each size, serves it and asks. Every filter is asked once, so no answer is a remembered one. Beside the wall time
stands what the server's processors spent on a request, which a busy machine changes less.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import random
import subprocess
import time
import urllib.request

import inputs

PATHS = ("/cube", "/segments", "/distributions", "/insights", "/customers")
CLIENTS, ROUNDS = 200, 10


class Server:
    """`quintile serve` over a mart, with what the operating system says of it."""

    def __init__(self, program, mart):
        began = time.perf_counter()
        self.process = subprocess.Popen([program, "serve", "--mart", mart, "--port", "0", "--format", "json", "--quiet"],
                                        stdout=subprocess.PIPE, text=True)
        self.url = json.loads(self.process.stdout.readline())["url"]
        self.seconds_to_open = time.perf_counter() - began

    def get(self, path, body=None):
        headers = {"Content-Type": "application/json"} if body else {}
        with urllib.request.urlopen(urllib.request.Request(f"{self.url}api/v1{path}", body, headers), timeout=300) as answer:
            return answer.read()

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak_mebibytes(self):
        lines = pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024

    def stop(self):
        self.process.terminate()
        return self.process.wait(timeout=60)


def a_filter(draw):
    """What a user might click together; hardly ever the same twice."""
    youngest = draw.randint(18, 70)
    parts = [f"age={youngest}..{youngest + draw.randint(3, 40)}", f"monetary={draw.randint(1, 50_000) / 100}.."]
    if draw.random() < 0.5:
        parts.append("subscription=" + draw.choice(("true", "false")))
    if draw.random() < 0.3:
        parts.append("cells=55,54,45,44")
    return "&".join(parts)


def report(server, what, requests, ask):
    """Median and 95th percentile of wall milliseconds, and processor milliseconds a request."""
    cpu, walls = server.cpu_seconds(), []
    for number in range(requests):
        began = time.perf_counter()
        ask(number)
        walls.append((time.perf_counter() - began) * 1000)
    cpu = (server.cpu_seconds() - cpu) * 1000 / requests
    walls.sort()
    print(f"  {what:<22} median {walls[len(walls) // 2]:7.1f} ms   p95 {walls[int(len(walls) * 0.95)]:7.1f} ms   processor {cpu:7.1f} ms")


def export(server, kind):
    began = time.perf_counter()
    with urllib.request.urlopen(f"{server.url}api/v1/export/{kind}", timeout=300) as answer:
        size = len(answer.read(1))
        first = time.perf_counter() - began
        while piece := answer.read(1 << 20):
            size += len(piece)
    print(f"  {kind:<22} first byte {first * 1000:.0f} ms, whole {time.perf_counter() - began:.2f} s, {size / 2**20:.0f} MiB")


def crowd(server, draw):
    """Errors among many clients at once, each with its own filters."""
    questions = [[f"{draw.choice(('/cube', '/segments'))}?{a_filter(draw)}" for _ in range(ROUNDS)] for _ in range(CLIENTS)]

    def client(mine):
        failed = 0
        for question in mine:
            try:
                server.get(question)
            except OSError:
                failed += 1
        return failed

    began = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor(CLIENTS) as pool:
        failed = sum(pool.map(client, questions))
    print(f"  {CLIENTS} clients, {CLIENTS * ROUNDS} requests: {failed} errors, {time.perf_counter() - began:.1f} s")


def measure(program, kept, customers, requests):
    draw = random.Random(customers)
    with inputs.data_folder(kept) as data:
        source = inputs.customers(data, program, customers)
        subprocess.run(source.command(program), cwd=source.folder, check=True)
        server = Server(program, source.folder / "mart")
        print(f"{customers:,} customers: open after {server.seconds_to_open:.2f} s, {server.peak_mebibytes():.0f} MiB")
        for path in PATHS:
            report(server, path, requests, lambda _, path=path: server.get(f"{path}?{a_filter(draw)}"))
        rules = json.dumps({"rules": json.loads(server.get("/rules"))["rules"]}).encode()
        report(server, "/rules/preview", requests, lambda _: server.get("/rules/preview", rules))
        for kind in ("customers.csv", "customers.parquet", "customers.arrow"):
            export(server, kind)
        crowd(server, draw)
        print(f"  peak {server.peak_mebibytes():.0f} MiB, exit status {server.stop()}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--requests", type=int, default=60)
    inputs.add_arguments(parser)
    arguments = parser.parse_args()
    for customers in arguments.customers:
        measure(arguments.program.resolve(), arguments.data, customers, arguments.requests)


if __name__ == "__main__":
    main()
