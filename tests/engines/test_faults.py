"""What goes wrong at an engine is said in a line or two, publishes nothing and leaves no table there."""

import signal

import pytest

import servers
from conftest import ParquetFiles, eventually


@pytest.fixture(scope="module")
def lines(postgresql, many_lines):
    """Views of 2,000 lines: one that takes a minute to read, and one that has more rows at every reading."""
    postgresql.load("lines", many_lines.slice(0, 2000), spread=False)
    postgresql.server.psql(
        "coordinator",
        "CREATE VIEW slow AS SELECT lines.* FROM lines, LATERAL (SELECT pg_sleep(0.03) WHERE lines.price > 0) AS pause;"
        "CREATE SEQUENCE readings;"
        "CREATE VIEW growing AS SELECT * FROM lines UNION ALL "
        "SELECT * FROM lines WHERE price > 700 AND (SELECT nextval('readings')) > 1;"
        "REVOKE TEMPORARY ON DATABASE shop FROM PUBLIC; REVOKE CREATE ON SCHEMA public FROM PUBLIC;"
        "CREATE ROLE reader LOGIN; GRANT SELECT ON lines TO reader; CREATE ROLE stranger LOGIN;"
        "CREATE ROLE keeper LOGIN; GRANT TEMPORARY ON DATABASE shop TO keeper; GRANT SELECT ON growing TO keeper")
    return postgresql


def failed(process, status=4):
    _, said = process.communicate(timeout=300)
    assert process.returncode == status, said
    assert len(said.splitlines()) <= 3, said
    return said


def started_on(program, lines, view):
    process = program.start("run", program.write_plan("there", lines.uri(view)), "--quiet")
    eventually(lines.asleep)
    return process


def test_ctrl_c_stops_the_engine_too(lines, program):
    process = started_on(program, lines, "slow")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert "cancelled" in said
    assert process.returncode != 0
    assert lines.asleep() == []
    assert lines.left_over() == []
    assert program.marts() == []


def test_a_connection_that_is_lost(lines, program):
    process = started_on(program, lines, "slow")

    def lost_once_more():
        lines.server.psql("coordinator", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                         "WHERE application_name = 'quintile'")
        return process.poll() is not None

    eventually(lost_once_more)  # a query is tried again, but not for ever
    said = failed(process)
    assert "nothing was published" in said
    assert lines.left_over() == []
    assert program.marts() == []


def test_a_table_that_changes_between_passes(lines, program):
    said = failed(program.start("run", program.write_plan("there", lines.uri("growing")), "--quiet"))
    assert "changed" in said
    assert lines.left_over() == []
    assert program.marts() == []


def test_a_user_who_may_not_make_temporary_tables(lines, program):
    said = failed(program.start("run", program.write_plan("there", lines.uri("lines", "reader")), "--quiet"))
    assert "permission denied to create temporary tables" in said
    assert "temporary tables must be allowed" in said
    assert program.marts() == []


def times_read(lines):
    """How often the view that grows has been read."""
    return lines.server.psql("coordinator", "SELECT last_value, is_called FROM readings")


def test_a_user_who_may_not_keep_customers_is_told_before_anything_is_read(lines, program):
    before = times_read(lines)
    uri = lines.uri("growing", "keeper") + "&write_to=public.kept"
    said = failed(program.start("run", program.write_plan("there", uri), "--quiet"))
    assert "write_to=public.kept: postgresql: " in said
    assert "permission denied for schema public" in said
    assert times_read(lines) == before
    assert program.marts() == []


def test_a_table_that_is_there_already_is_left_as_it_is(lines, program):
    lines.server.psql("coordinator", "CREATE TABLE precious AS SELECT 7 AS seven")
    before = times_read(lines)
    uri = lines.uri("growing") + "&write_to=public.precious"
    said = failed(program.start("run", program.write_plan("there", uri), "--quiet"))
    assert "already exists" in said and "name a table that is not there yet" in said
    assert times_read(lines) == before
    assert lines.server.psql("coordinator", "SELECT seven FROM precious") == "7\n"
    assert program.marts() == []


def test_customers_are_kept_on_request(lines, program):
    plan = program.write_plan("there", lines.uri("lines") + "&write_to=public.segments", rows="stay")
    done = program.command("run", plan, "--quiet")
    assert done.returncode == 0, done.stderr
    kept = lines.server.psql("coordinator", "SELECT COUNT(*), COUNT(DISTINCT customer_id), MAX(customer_id) FROM segments")
    assert len(set(kept.strip().split("|"))) == 1
    assert lines.left_over() == []


def test_a_client_that_is_killed(lines, program):
    """It can tidy up nothing itself."""
    process = started_on(program, lines, "slow")
    process.kill()
    process.wait()
    lines.server.psql("coordinator", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'quintile'")
    eventually(lambda: not lines.connected())
    assert lines.left_over() == []
    assert program.marts() == []


def test_a_user_who_may_not_read(lines, program):
    said = failed(program.start("run", program.write_plan("there", lines.uri("lines", "stranger")), "--quiet"))
    assert "permission denied for table lines" in said
    assert program.marts() == []


def test_a_server_that_is_killed(many_lines, program, tmp_path_factory):
    with servers.Sail() as server:
        files = ParquetFiles(server, tmp_path_factory.mktemp("killed"))
        files.load("lines", many_lines)
        process = program.start("run", program.write_plan("there", files.uri("lines")), "--quiet")
        eventually(lambda: open_connections(server.port))
        server.kill("sail")
        said = failed(process)
    assert "sail: " in said
    assert program.marts() == []


def test_an_engine_that_answers_otherwise(program, tmp_path):
    """Before anything is read: the table is not even there."""
    uri = "duckdb::memory:?default_collation=NOCASE&table=lines"
    said = failed(program.start("run", program.write_plan("there", uri), "--quiet"))
    assert "duckdb does not answer as this plan needs: capitals_come_first" in said
    assert program.marts() == []


def open_connections(port):
    """How many clients are connected to a port of this machine, by the kernel's own table."""
    needle = f":{port:04X}"
    with open("/proc/net/tcp", encoding="ascii") as table:
        return sum(needle in line.split()[1] and line.split()[3] == "01" for line in table.readlines()[1:])


def test_verify_has_the_engine_add_up_again(lines, program):
    lines.server.psql("coordinator", "GRANT TEMPORARY ON DATABASE shop TO PUBLIC; CREATE TABLE few AS SELECT * FROM lines")
    assert program.command("run", program.write_plan("there", lines.uri("few"))).returncode == 0
    verify = ("verify", "--mart", "mart_there", "--engine", lines.uri("few"))
    done = program.command(*verify)
    assert done.returncode == 0, done.stderr
    assert "the engine adds up the same fingerprint" in done.stdout
    lines.server.psql("coordinator", "UPDATE few SET price = price + 500 WHERE customer = (SELECT MIN(customer) FROM few)")
    done = program.command(*verify)
    assert done.returncode == 1
    assert "now give fingerprint" in done.stderr


def test_secrets_are_in_no_message_and_no_mart(lines, program):
    secret = {"QUINTILE_ENGINE_PASSWORD": "hunter2"}
    done = program.command("run", program.write_plan("there", lines.uri("lines")), env=secret)
    assert done.returncode == 0, done.stderr
    assert program.marts() == ["mart_there"]
    published = b"".join(p.read_bytes() for p in (program.folder / "mart_there").rglob("*") if p.is_file())
    refused = program.command("engines", "check", "postgresql://me@127.0.0.1:1/shop", env=secret)
    for text in (done.stdout, done.stderr, refused.stderr, published.decode(errors="replace")):
        assert "hunter2" not in text


def test_a_secret_in_a_plan_is_refused_and_not_repeated(program):
    plan = program.write_plan("there", "postgresql://me:hunter2@127.0.0.1:1/shop?table=lines")
    done = program.command("run", plan)
    assert done.returncode == 2
    assert "--engine-options" in done.stderr
    assert "hunter2" not in done.stderr
