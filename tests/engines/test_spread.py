"""The work is done where the data are, by all nodes at once, and comes out as if it were done here."""

import re

import pytest


def test_postgresql_adds_up_on_both_nodes(postgresql, program, many_lines):
    server = postgresql.server
    postgresql.load("spread", many_lines)
    rows = [int(server.psql(node, "SELECT count(*) FROM spread")) for node in server.NODES[1:]]
    assert sum(rows) == many_lines.num_rows and min(rows) > many_lines.num_rows // 4
    with server.plans_in_log() as plans:
        program.assert_same_as_here(many_lines, postgresql.uri("spread"))
    assert postgresql.left_over() == []
    totals = [plan for plan in plans() if re.match(r'CREATE TEMPORARY TABLE "quintile_\w+_totals"', plan)]
    assert len(totals) == 2  # fetched, and with the customers staying there
    for plan in totals:
        assert plan.count("Relations: Aggregate on") == 2, plan
        assert "spread_node1" in plan and "spread_node2" in plan


def test_sail_reads_both_files(sail, program, many_lines):
    sail.load("spread", many_lines)
    program.assert_same_as_here(many_lines, sail.uri("spread"))


@pytest.mark.parametrize("rows", [1, 0])
def test_next_to_nothing(postgresql, program, many_lines, rows):
    few = many_lines.slice(0, rows)
    postgresql.load(f"rows_{rows}", few)
    if rows:
        program.assert_same_as_here(few, postgresql.uri("rows_1"))
    else:
        done = program.command("run", program.write_plan("there", postgresql.uri("rows_0")))
        assert done.returncode == 3
        assert "no data rows" in done.stderr
        assert program.marts() == []
