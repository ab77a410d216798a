"""The SQL that engine/sql sends (golden_sql/*.sql, kept by its own tests) is read by the grammar of each engine."""

import pathlib

import pytest
import sqlglot
from sqlglot import exp

GOLDEN = pathlib.Path(__file__).resolve().parent / "golden_sql"
GRAMMARS = {"postgresql": "postgres"}
FILES = sorted(GOLDEN.glob("*.sql"))


def statements_of(file):
    grammar = file.stem.split("_")[0]
    return sqlglot.parse(file.read_text(), read=GRAMMARS.get(grammar, grammar),
                         error_level=sqlglot.ErrorLevel.RAISE)


def test_every_product_has_both_grains():
    assert len(FILES) == 2 * len({file.stem.split("_")[0] for file in FILES}) >= 16


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_statement_is_one_that_the_grammar_knows(file):
    statements = [statement for statement in statements_of(file) if statement is not None]
    assert len(statements) == file.read_text().count(";\n")
    for statement in statements:
        # A statement that a grammar only passes through stands as a Command.
        assert not isinstance(statement, exp.Command), statement.sql()[:200]
        assert isinstance(statement, exp.Select | exp.Create | exp.Drop | exp.Describe), type(statement)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_inexact_is_asked_of_an_engine(file):
    for statement in statements_of(file):
        for node in statement.find_all(exp.Avg, exp.Round, exp.PercentileCont, exp.PercentileDisc, exp.Quantile,
                                       exp.CurrentDate, exp.CurrentTimestamp, exp.Rand, exp.Median, exp.Stddev):
            raise AssertionError(f"{file.name}: {node.sql()}")
