#!/usr/bin/env python3
"""Engines to test against, started and stopped here: each a set of real processes on loopback, on free ports, in a
folder of its own.

    scripts/engines postgresql     a coordinator and two data nodes joined by postgres_fdw
    scripts/engines sail           Sail's local cluster, which speaks Spark Connect
    scripts/engines spark          a Spark master, two workers with an executor each, and a Spark Connect server

starts one, prints its URI and stops it at Ctrl-C. Tests use the classes. Processes die with whoever started them, even
if that one is killed.
"""

import argparse
import atexit
import contextlib
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

PROJECT = pathlib.Path(__file__).resolve().parents[2]
ENVIRONMENT = PROJECT / "build/engines/venv"
PACKAGES = ENVIRONMENT / f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"


class StartFailed(Exception):
    """A server did not come up; the message has the end of its log."""


def free_ports(count):
    """Ports that nobody listens on now; taken at once, so that they differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Server:
    """Processes that make up one engine. Use as a context, or call `stop`."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="quintile-engine-"))
        self.processes = {}
        atexit.register(self.stop)
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        raise NotImplementedError

    def spawn(self, name, command, environment=None, as_user=()):
        """Starts a process in a group of its own, which ends when this one does."""
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *as_user, *map(str, command)], cwd=self.folder,
                env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)

    def await_port(self, name, port, seconds=180):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            if self.processes[name].poll() is not None:
                break
            time.sleep(0.05)
        log = (self.folder / f"{name}.log").read_text(errors="replace")
        raise StartFailed(f"{name} does not listen on port {port}; its log ends:\n{log[-3000:]}")

    def cpu_seconds(self):
        """Of all its processes so far, those that have ended included."""
        times, parents = {}, {}
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                fields = (process / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            parents[int(process.name)] = int(fields[1])
            times[int(process.name)] = sum(map(int, fields[11:15]))  # its own and those of children that have ended
        ours = {process.pid for process in self.processes.values()}
        while more := {child for child, parent in parents.items() if parent in ours} - ours:
            ours |= more
        return sum(times.get(process, 0) for process in ours) / os.sysconf("SC_CLK_TCK")

    def kill(self, name):
        """As if the machine went away: no farewell."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait()

    def stop(self):
        for process in reversed(self.processes.values()):
            for sign, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
                try:
                    os.killpg(process.pid, sign)
                    process.wait(seconds)
                except ProcessLookupError:
                    break
                except subprocess.TimeoutExpired:
                    continue
        self.processes = {}
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.stop)


class PostgreSql(Server):
    """A coordinator and two data nodes. `load` spreads a table over the nodes by the hash of its first column."""

    NODES = ("coordinator", "node1", "node2")

    def start(self):
        homes = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not homes:
            raise StartFailed("no PostgreSQL server is installed; run: scripts/setup engines")
        self.bin = homes[-1].parent
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        self.as_user = ()
        if os.geteuid() == 0:  # the server refuses to run as root
            shutil.chown(self.folder, "postgres", "postgres")
            self.as_user = ("--reuid", "postgres", "--regid", "postgres", "--clear-groups")
        self.ports = dict(zip(self.NODES, free_ports(3)))
        making = [subprocess.Popen(
            ["setpriv", *self.as_user, self.bin / "initdb", "-D", self.folder / node, "-E", "UTF8", "--locale=C.UTF-8",
             "-U", "postgres", "--no-sync", "-A", "trust"],
            cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) for node in self.NODES]
        if any([process.wait() for process in making]):
            raise StartFailed("initdb failed")
        for node in self.NODES:
            self.start_node(node)
        for node in self.NODES:
            self.await_port(node, self.ports[node])
            self.await_ready(node)
            self.psql(node, "CREATE DATABASE shop", database="postgres")
        self.psql("coordinator", "CREATE EXTENSION postgres_fdw;" + "".join(
            f"CREATE SERVER {node} FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port "
            f"'{self.ports[node]}', dbname 'shop', async_capable 'true', fetch_size '50000', fdw_tuple_cost '0.2', "
            f"use_remote_estimate 'true');"
            f"CREATE USER MAPPING FOR PUBLIC SERVER {node} OPTIONS (user 'postgres', password_required 'false');"
            for node in self.NODES[1:]))

    def start_node(self, node):
        settings = {
            "listen_addresses": "127.0.0.1", "port": self.ports[node], "unix_socket_directories": "", "fsync": "off",
            "synchronous_commit": "off", "timezone": "UTC", "enable_partitionwise_aggregate": "on",
            "shared_buffers": "128MB", "work_mem": "64MB", "max_wal_size": "2GB"}
        self.spawn(node, [self.bin / "postgres", "-D", self.folder / node,
                          *(f"--{key}={value}" for key, value in settings.items())], as_user=self.as_user)

    def await_ready(self, node):
        for _ in range(600):
            if subprocess.run([self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.ports[node])],
                              check=False).returncode == 0:
                return
            time.sleep(0.05)
        raise StartFailed(f"{node} takes no connections")

    def uri(self, user="postgres"):
        return f"postgresql://{user}@127.0.0.1:{self.ports['coordinator']}/shop"

    def psql(self, node, sql, database="shop", user="postgres", stdin=None):
        """Runs SQL on one node; its unaligned output, or an exception with the server's words."""
        done = subprocess.run(
            [self.bin / "psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.ports[node]), "-U",
             user, "-d", database, "-c", sql],
            input=stdin, capture_output=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout.decode()

    @contextlib.contextmanager
    def plans_in_log(self):
        """Has the coordinator write down how it carried out each statement meanwhile; gives a function that reads these, each
        the statement and its plan."""
        settings = {"session_preload_libraries": "auto_explain", "auto_explain.log_min_duration": "0",
                    "auto_explain.log_verbose": "on"}
        log = self.folder / "coordinator.log"
        before = log.stat().st_size
        for name, value in settings.items():
            self.psql("coordinator", f"LOAD 'auto_explain'; ALTER DATABASE shop SET {name} = '{value}'")
        yield lambda: re.findall(r"plan:\n\tQuery Text: (.*?)(?=\n\d{4}-\d\d-\d\d |\Z)", log.read_text()[before:], re.DOTALL)
        for name in settings:
            self.psql("coordinator", f"ALTER DATABASE shop RESET {name}")

    def load(self, name, table, spread=True):
        """Makes table `name` of an Arrow table; its rows go to the data nodes directly, or all stay here."""
        columns = ", ".join(f'"{field.name}" {postgresql_type(field.type)}' for field in table.schema)
        local = f"{name}_all" if spread else name
        self.psql("coordinator", f"CREATE TABLE {local} ({columns})")
        self.psql("coordinator", f"COPY {local} FROM STDIN (FORMAT csv)", stdin=csv_of(table))
        self.psql("coordinator", f"ANALYZE {local}")
        if not spread:
            return
        key = f'"{table.schema[0].name}"'
        statements = [f"CREATE TABLE {name} ({columns}) PARTITION BY HASH ({key})",
                      f"CREATE TABLE {name}_split ({columns}) PARTITION BY HASH ({key})"]
        for remainder, node in enumerate(self.NODES[1:]):
            part = f"FOR VALUES WITH (MODULUS 2, REMAINDER {remainder})"
            statements += [f"CREATE TABLE {name}_split_{node} PARTITION OF {name}_split {part}",
                           f"CREATE FOREIGN TABLE {name}_{node} PARTITION OF {name} {part} SERVER {node} "
                           f"OPTIONS (table_name '{name}')"]
        self.psql("coordinator", "; ".join([*statements, f"INSERT INTO {name}_split SELECT * FROM {local}"]))
        for node in self.NODES[1:]:
            self.psql(node, f"CREATE TABLE {name} ({columns})")
            self.copy_part(f"{name}_split_{node}", node, name)
            self.psql(node, f"ANALYZE {name}")
        self.psql("coordinator", f"DROP TABLE {name}_split, {local}; ANALYZE {name}")

    def copy_part(self, part, node, name):
        """From the coordinator's table `part` to `name` on a node, without either passing through this process."""
        psql = [self.bin / "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-U", "postgres", "-d", "shop"]
        with subprocess.Popen([*psql, "-p", str(self.ports["coordinator"]), "-c",
                               f"COPY {part} TO STDOUT (FORMAT binary)"], stdout=subprocess.PIPE) as source:
            subprocess.run([*psql, "-p", str(self.ports[node]), "-c", f"COPY {name} FROM STDIN (FORMAT binary)"],
                           stdin=source.stdout, check=True)


def postgresql_type(arrow_type):
    """The column type that holds an Arrow type's values exactly."""
    name = str(arrow_type)
    exact = {"int64": "bigint", "int32": "integer", "double": "double precision", "bool": "boolean",
             "date32[day]": "date", "timestamp[us]": "timestamp", "timestamp[us, tz=UTC]": "timestamptz",
             "string": 'text COLLATE "C"', "large_string": 'text COLLATE "C"'}
    if decimal := re.fullmatch(r"decimal128\((\d+), (\d+)\)", name):
        return f"numeric({decimal[1]},{decimal[2]})"
    return exact[name]


def csv_of(table):
    """CSV in which text is quoted and a missing value is not."""
    import pyarrow as pa  # the servers alone need none of it
    import pyarrow.csv
    sink = pa.BufferOutputStream()
    pyarrow.csv.write_csv(table, sink, pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed"))
    return sink.getvalue().to_pybytes()


class Sail(Server):
    """Sail's server for Spark Connect: driver and workers as one process that talk by remote calls."""

    def __init__(self, mode="local-cluster"):
        self.mode = mode
        super().__init__()

    def start(self):
        (self.port,) = free_ports(1)
        self.spawn("sail", [ENVIRONMENT / "bin/sail", "spark", "server", "--ip", "127.0.0.1", "--port", self.port],
                   {"SAIL_MODE": self.mode, "SAIL_CLUSTER__WORKER_INITIAL_COUNT": "2"})
        self.await_port("sail", self.port)

    def uri(self):
        return f"sail://127.0.0.1:{self.port}"


class Spark(Server):
    """A standalone Spark cluster: master, two workers with an executor of one core each, and a Spark Connect server."""

    def start(self):
        home = PACKAGES / "pyspark"
        self.master_port, self.master_page, self.worker1_page, self.worker2_page, self.port, self.page = free_ports(6)
        self.environment = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_LOCAL_HOSTNAME": "127.0.0.1",
                            "SPARK_NO_DAEMONIZE": "", "SPARK_CONF_DIR": str(self.folder)}
        for name in ("SPARK_REMOTE", "SPARK_CONNECT_MODE"):  # either makes spark-submit a client
            os.environ.pop(name, None)
        self.java("master", home, "org.apache.spark.deploy.master.Master", "--port", self.master_port, "--webui-port",
                  self.master_page)
        self.await_port("master", self.master_port)
        for worker, page in (("worker1", self.worker1_page), ("worker2", self.worker2_page)):
            self.java(worker, home, "org.apache.spark.deploy.worker.Worker", "--cores", 1, "--memory", "1g",
                      "--webui-port", page, "--work-dir", self.folder / worker, f"spark://127.0.0.1:{self.master_port}")
        configuration = {
            "spark.executor.cores": 1, "spark.executor.memory": "768m", "spark.ui.port": self.page,
            "spark.connect.grpc.binding.address": "127.0.0.1", "spark.connect.grpc.binding.port": self.port,
            "spark.sql.session.timeZone": "UTC", "spark.sql.shuffle.partitions": 4,
            "spark.sql.warehouse.dir": self.folder / "warehouse", "spark.sql.catalogImplementation": "in-memory",
            "spark.ui.showConsoleProgress": "false"}
        self.spawn("connect", [
            home / "bin/spark-submit", "--master", f"spark://127.0.0.1:{self.master_port}", "--class",
            "org.apache.spark.sql.connect.service.SparkConnectServer", "--driver-memory", "1g",
            *(word for key, value in configuration.items() for word in ("--conf", f"{key}={value}")), "spark-internal"],
            self.environment)
        self.await_port("connect", self.port)
        self.await_executors()

    def java(self, name, home, main, *arguments):
        self.spawn(name, [home / "bin/spark-class", main, "--host", "127.0.0.1", *arguments],
                   {**self.environment, "SPARK_DAEMON_MEMORY": "256m",
                    "SPARK_DAEMON_JAVA_OPTS": "-Dspark.master.rest.enabled=false"})

    def uri(self):
        return f"spark://127.0.0.1:{self.port}"

    def rest(self, path):
        """What the driver's REST interface says."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.page}/api/v1/applications{path}", timeout=30) as answer:
            return json.load(answer)

    def executors(self):
        """The workers' executors, dead ones too, each with `id`, `isActive`, `completedTasks`, ..."""
        application = self.rest("")[0]["id"]
        return [e for e in self.rest(f"/{application}/allexecutors") if e["id"] != "driver"]

    def await_executors(self, count=2, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if sum(e["isActive"] for e in self.executors()) >= count:
                return
            time.sleep(0.25)
        raise StartFailed(f"fewer than {count} executors after {seconds} s")


ENGINES = {"postgresql": PostgreSql, "sail": Sail, "spark": Spark}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("engine", choices=ENGINES)
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    started = time.monotonic()
    with ENGINES[arguments.engine]() as server:
        print(f"{arguments.engine} after {time.monotonic() - started:.1f} s: {server.uri()}", flush=True)
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass


if __name__ == "__main__":
    main()
