"""`quintile run` on five customers whose numbers can be checked by hand."""

import datetime
import decimal

from conftest import HEADER, PLAN, ROWS

D = datetime.date
M = decimal.Decimal


def test_customers_are_numbered_by_first_purchase_then_source_id(workspace):
    workspace.quintile("run", "plan.yaml")
    rows = workspace.table("customer_segments")
    assert [r["customer_id"] for r in rows] == [1, 2, 3, 4, 5]
    assert [r["source_customer_id"] for r in rows] == ["10", "7", "7", "8", "9"]
    assert [r["first_purchase_date"] for r in rows] == [
        D(2022, 12, 31), D(2023, 1, 5), D(2023, 1, 5), D(2023, 2, 1), D(2023, 3, 1)]


def test_metrics_scores_and_segments(workspace):
    workspace.quintile("run", "plan.yaml")
    rows = workspace.table("customer_segments")
    assert [r["recency_days"] for r in rows] == [31, 1, 244, 61, 336]
    assert [r["frequency"] for r in rows] == [1, 4, 2, 3, 3]
    assert [r["monetary"] for r in rows] == [M("10.00"), M("100.00"), M("50.10"), M("60.00"), M("999.99")]
    # type-7 cut points of 1 31 61 244 336: h = 4k/5 -> 25, 49, 134.2, 262.4
    assert [r["r_score"] for r in rows] == [4, 5, 2, 3, 1]
    # of 1 2 3 3 4: 1.8, 2.6, 3, 3.2
    assert [r["f_score"] for r in rows] == [1, 5, 2, 3, 3]
    assert [r["m_score"] for r in rows] == [1, 4, 2, 3, 5]
    assert [r["rfm_code"] for r in rows] == ["411", "554", "222", "333", "135"]
    assert [r["rfm_total"] for r in rows] == [6, 14, 6, 9, 9]
    assert [r["segment_id"] for r in rows] == ["recent", "recent", "others", "others", "others"]


def test_the_mart_has_the_columns_of_the_contract(workspace):
    import pyarrow as pa
    import pyarrow.parquet as pq

    workspace.quintile("run", "plan.yaml")
    schema = pq.read_schema(workspace.folder / "mart/customer_segments.parquet")
    assert schema.names == [
        "customer_id", "source_customer_id", "age", "city", "premium", "opt_in", "first_purchase_date",
        "last_purchase_date", "recency_days", "frequency", "monetary", "average_order_value", "r_score", "f_score",
        "m_score", "rfm_code", "rfm_total", "segment_id", "segment_name"]
    types = {name: schema.field(name).type for name in schema.names}
    assert types["customer_id"] == pa.int64()
    assert types["recency_days"] == pa.int32()
    assert types["frequency"] == pa.int64()
    assert types["monetary"] == pa.decimal128(18, 2)
    assert types["r_score"] == types["rfm_total"] == pa.int8()
    assert types["first_purchase_date"] == pa.date32()
    assert types["premium"] == pa.bool_()
    assert pa.types.is_dictionary(types["segment_id"])
    assert "name" not in schema.names


def test_the_crosswalk_leads_from_rows_to_customers(workspace):
    workspace.quintile("run", "plan.yaml")
    assert [(r["source_file"], r["source_row"], r["source_customer_id"], r["customer_id"]) for r in workspace.table("crosswalk")] == [
        ("customers.csv", 1, "7", 2), ("customers.csv", 2, "7", 3), ("customers.csv", 3, "10", 1),
        ("customers.csv", 4, "9", 5), ("customers.csv", 5, "8", 4)]


def test_the_review_tells_the_duplicate_identifiers(workspace):
    workspace.quintile("run", "plan.yaml")
    findings = {f["check"]: f for f in workspace.document("review")["findings"]}
    duplicate = findings["duplicate_identifier"]
    assert duplicate["details"] == {
        "ids": 1, "rows": 2, "surplus_rows": 1, "largest_group": 2,
        "groups": {"exact_copy": 0, "profile_change": 0, "longitudinal": 0, "collision": 1}}
    assert duplicate["decision"] == "regenerated"
    assert duplicate["examples"] == [1, 2]


def test_the_waterfall_balances_and_every_row_taken_out_is_in_quarantine(workspace):
    workspace.write("customers.csv", HEADER + "\n".join(ROWS + [
        "11,Fi,20,Graz,2023-02-01,2024-02-01,60.00,20.00,false,false",   # after the analysis date
        "12,Gus,20,Graz,2023-02-01,2023-12-01,,20.00,false,false",       # no total
        "13,Hal,20,Graz,2023-02-01,2023-12-01,ten,20.00,false,false",    # unreadable total
        "14,Ivy,20,Graz,2023-02-01,2023-01-01,60.00,20.00,false,false",  # first after last
        "15,Jo,20,Graz,2023-02-01,2023-12-01,60.00,0,false,false",       # no order value
        ROWS[4],                                                         # a copy
    ]) + "\n")
    workspace.quintile("run", "plan.yaml")
    review = workspace.document("review")
    waterfall = review["waterfall"]
    assert waterfall[0]["step"] == "read" and waterfall[-1]["step"] == "published"
    assert waterfall[0]["rows"] - sum(s["rows"] for s in waterfall[1:-1]) == waterfall[-1]["rows"] == 5
    money = [M(str(s["monetary"])) for s in waterfall]
    assert money[0] - sum(money[1:-1]) == money[-1] == M("1220.09")
    assert [(r["source_row"], r["check"]) for r in workspace.table("quarantine")] == [
        (6, "future_date"), (7, "missing_value"), (8, "invalid_type"), (9, "date_order"),
        (10, "inconsistent_order_value"), (11, "exact_duplicate")]


def test_personal_values_reach_no_output(workspace):
    done = workspace.quintile("run", "plan.yaml")
    for name, content in workspace.published().items():
        for person in (b"Ada", b"Bob"):
            assert person not in content, name
    assert "Ada" not in done.stdout + done.stderr


def test_a_check_may_look_at_a_personal_column_and_tells_rows_alone(workspace):
    plan = (workspace.folder / "plan.yaml").read_text()
    workspace.write("plan.yaml", plan + "review: {checks: [{id: short_name, expect: 'not name in (\"Ed\", \"Di\")', on_fail: keep}]}\n")
    workspace.quintile("run", "plan.yaml")
    finding = next(f for f in workspace.document("review")["findings"] if f["check"] == "short_name")
    assert finding["rows"] == 2 and finding["examples"] == [4, 5]
    assert "name" not in workspace.table("customer_segments")[0]


def test_columns_without_a_name_or_a_value_are_no_fault(workspace):
    """As pandas writes its index, and as an export looks in which one column was not filled."""
    workspace.write("customers.csv", ",," + HEADER + "".join(f"{i},x,{row}\n".replace(",30,", ",,") for i, row in enumerate(ROWS[:1])))
    workspace.write("plan.yaml", PLAN + "review: {checks: [{id: adult, expect: age >= 18}], ranges: {age: [0, 120]}}\n")
    workspace.quintile("run", "plan.yaml")
    assert [row["age"] for row in workspace.table("customer_segments")] == [None]
    columns = [column["column"] for column in workspace.document("review")["columns"]]
    assert columns[-1] == "" and "age" in columns
    workspace.quintile("verify", "--mart", "mart")


def test_review_of_the_same_input_leaves_a_published_mart_verifiable(workspace):
    workspace.quintile("run", "plan.yaml")
    workspace.quintile("review", "plan.yaml")
    workspace.quintile("verify", "--mart", "mart")


def test_summary_has_every_segment_and_everyone(workspace):
    workspace.quintile("run", "plan.yaml")
    summary = workspace.document("summary")
    recent, others = summary["segments"]
    assert (recent["segment_id"], recent["customers"], recent["customer_share"]) == ("recent", 2, 0.4)
    assert recent["monetary"] == 110 and recent["mean_monetary"] == 55
    assert recent["median_recency_days"] == 16 and recent["overlay_share"] == 1
    assert recent["actions"][0] == "Say thank you to 2 customers."
    assert others["kpi_deltas"]["mean_monetary"]["absolute"] > 0
    assert summary["population"]["customers"] == 5


def test_json_goes_to_stdout_alone(workspace):
    result = workspace.json("run", "plan.yaml")
    assert result["customers"] == 5
    assert {s["segment_id"]: s["customers"] for s in result["segments"]} == {"recent": 2, "others": 3}


def test_a_value_of_the_plan_can_be_set_for_one_run(workspace):
    workspace.quintile("run", "plan.yaml", "--set", "analysis_date=2024-02-01")
    assert [r["recency_days"] for r in workspace.table("customer_segments")] == [32, 2, 245, 62, 337]


def test_days_that_contradict_the_date_are_a_finding_and_do_not_count(workspace):
    days = ["1", "244", "32", "336", "60"]  # Cy's would be 31 and Ed's 61
    workspace.write("customers.csv", HEADER.replace("id,", "id,days,", 1)
                    + "".join(row.replace(",", f",{d},", 1) + "\n" for row, d in zip(ROWS, days)))
    workspace.quintile("run", "plan.yaml", "--set", "input.columns.recency_days=days")
    found, = [f for f in workspace.document("review")["findings"] if f["check"] == "inconsistent_recency"]
    assert (found["column"], found["rows"], found["examples"], found["decision"]) == ("days", 2, [3, 5], "kept")
    assert {r["source_customer_id"]: r["recency_days"] for r in workspace.table("customer_segments")}["10"] == 31


def test_scores_can_be_frozen(workspace):
    workspace.quintile("run", "plan.yaml")
    first = [r["rfm_code"] for r in workspace.table("customer_segments")]
    workspace.write("cuts.yaml", (workspace.folder / "mart/cut_points.yaml").read_text())
    workspace.write("customers.csv", HEADER + ROWS[0] + "\n")
    workspace.quintile("run", "plan.yaml", "--set", "scoring.cut_points=cuts.yaml")
    assert [r["rfm_code"] for r in workspace.table("customer_segments")] == [first[1]]


def test_files_of_one_name_are_told_apart_wherever_their_folder_lies(workspace):
    published = []
    for place in ("here", "elsewhere/deep"):
        for year, rows in (("2022", ROWS[:2]), ("2023", ROWS[2:])):
            workspace.write(f"{place}/{year}/customers.csv", HEADER + "\n".join(rows) + "\n")
        paths = ", ".join(str(workspace.folder / place / year / "customers.csv") for year in ("2022", "2023"))
        workspace.quintile("run", "plan.yaml", "--set", f"input.path=[{paths}]")
        published.append(workspace.published())
    assert published[0] == published[1]
    assert [file["name"] for file in workspace.document("run")["inputs"]] == ["2022/customers.csv", "2023/customers.csv"]
    where = {row["source_customer_id"]: (row["source_file"], row["source_row"]) for row in workspace.table("crosswalk")}
    assert where["10"] == ("2023/customers.csv", 1) and where["7"] == ("2022/customers.csv", 2)


def test_cut_points_in_another_currency_are_refused(workspace):
    workspace.quintile("run", "plan.yaml")
    workspace.write("cuts.yaml", (workspace.folder / "mart/cut_points.yaml").read_text())
    workspace.write("dollars.yaml", (workspace.folder / "plan.yaml").read_text().replace("EUR", "USD"))
    said = workspace.quintile("run", "dollars.yaml", "--set", "scoring.cut_points=cuts.yaml", expect=2).stderr
    assert "dollars.yaml:5:13: 'input.currency' is USD, but EUR in the cut points (cuts.yaml:5:11)" in said
