"""Registers of units and users go in, good rows and only those; what was refused is told by row and reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest
from office import UNITS, USERS, Office

from mingjian.domain.errors import MingjianError, SourceError
from mingjian.organisation import import_register
from mingjian.organisation.load import Counts


def test_a_city_is_imported_with_paths_places_and_no_passwords(office: Office) -> None:
    done = office.load()
    assert (done.units, done.users, done.rejects) == (Counts(new=8), Counts(new=5), None)
    assert office.paths()["V1"] == "/C/DA/T1/V1/"
    li = office.user("li")
    assert (li["role"], li["data_scope"], li["region_code"], li["line_code"], li["password_hash"]) == (
        "R1",
        "own_org",
        "150102",
        "civil_affairs",
        None,
    )
    assert office.chain_holds()


def test_a_second_run_changes_nothing(office: Office) -> None:
    office.load()
    before = (office.audited(), office.changes())
    done = office.load()
    assert (done.units, done.users) == (Counts(unchanged=8), Counts(unchanged=5))
    assert (office.audited(), office.changes()) == before


ENCODINGS = [
    ("utf-8", ",", "\n"),
    ("utf-8-sig", ",", "\r\n"),
    ("gb18030", ",", "\r\n"),
    ("utf-16", "\t", "\r\n"),
    ("utf-8", ";", "\n"),
]


@pytest.mark.parametrize(("encoding", "mark", "end"), ENCODINGS)
def test_files_as_offices_write_them(office: Office, encoding: str, mark: str, end: str) -> None:
    units, users = (s.replace(",", mark).replace("\n", end).encode(encoding) for s in (UNITS, USERS))
    done = office.load(units, users)
    assert (done.units.new, done.users.new) == (8, 5)
    assert office.unit("CA")["name"] == "新城区民政局"


def test_one_workbook_with_two_sheets_a_title_and_numbers(office: Office) -> None:
    book = openpyxl.Workbook()
    units, users = book.active, book.create_sheet("用户")
    units.title = "单位"
    units.append(["青城市单位名册"])
    units.append([])
    units.append(["Unit_ID", "parent", "Name", "Level", "Region", "valid_from"])
    units.append([150100, None, "青城市", "city", 150100, date(2020, 1, 1)])
    units.append([150102, 150100, "新城区", "district", 150102, None])
    users.append(["账号*", "姓名", "所属单位", "角色(代码)", "数据范围", "联系电话"])
    users.append(["li", "李某", 150102, "R1", "own_org", 13800000000])
    path = office.folder / "city.xlsx"
    book.save(path)
    done = import_register(office.engine, office.clock, path, None, actor="boss")
    assert (done.units, done.users, done.rejects) == (Counts(new=2), Counts(new=1), None)
    assert done.sheets[1].withheld == ("联系电话",)
    assert office.unit("150102")["path"] == "/150100/150102/"
    assert office.changes() == [("150100", "opened", None, None)]


BROKEN_UNITS = {
    "parent unknown": ("X,nowhere,某局,区县", "parent_id", "parent_unknown"),
    "below a refused row": ("X,bad!,某局,区县\nY,X,某所,区县", "parent_id", "charset"),
    "parent missing": ("X,,某局,区县", "parent_id", "parent_missing"),
    "village below a district": ("X,DA,某村,村社", "level", "level_order"),
    "district below a town": ("X,T1,某区,区县", "level", "level_order"),
    "level unknown": ("X,C,某局,省", "level", "unknown_value"),
    "level empty": ("X,C,某局,", "level", "empty"),
    "name empty": ("X,C,,区县", "name", "empty"),
    "name too long": (f"X,C,{'长' * 201},区县", "name", "too_long"),
    "id empty": (",C,某局,区县", "id", "empty"),
    "id of path marks": ("X/../Y,C,某局,区县", "id", "charset"),
    "id in Chinese": ("民政局,C,某局,区县", "id", "charset"),
    "id too long": (f"{'X' * 65},C,某局,区县", "id", "charset"),
    "a line feed in a name": ('X,C,"某\n局",区县', "name", "control"),
    "text turned round": ("X,C,某\u202e局,区县", "name", "control"),
    "a comma too many": ("X,C,某局,区县,150102,civil_affairs,more", "", "extra_cells"),
    "a region of five digits": ("X,C,某局,区县,15010", "region_code", "unknown_value"),
    "a line that is SQL": ("X,C,某局,区县,150102,x' OR 1=1", "line_code", "unknown_value"),
    "itself its parent": ("X,X,某局,区县", "parent_id", "cycle"),
}


@pytest.mark.parametrize("name", BROKEN_UNITS)
def test_a_bad_row_is_refused_with_its_reason_and_the_others_go_in(office: Office, name: str) -> None:
    row, column, code = BROKEN_UNITS[name]
    done = office.load(UNITS + row + "\n", None)
    told = office.refused(done)
    assert done.units.new == 8
    assert (told[0][1], told[0][4]) == (10, code)
    assert column in told[0][3]
    assert len(office.paths()) == 8


def test_what_hangs_below_a_circle_or_a_refused_row_is_refused_too(office: Office) -> None:
    rows = "A,B,甲,区县\nB,A,乙,区县\nE,A,丙,区县\nF,gone,丁,区县\nG,F,戊,区县\n"
    told = {r[2]: r[4] for r in office.refused(office.load(UNITS + rows, None))}
    assert told == {
        "A": "cycle",
        "B": "cycle",
        "E": "parent_rejected",
        "F": "parent_unknown",
        "G": "parent_rejected",
    }


def test_a_chain_without_end_is_refused(office: Office) -> None:
    chain = "".join(f"N{n},{f'N{n - 1}' if n else 'C'},某局,区县\n" for n in range(40))
    told = office.refused(office.load(UNITS + chain, None))
    assert {r[4] for r in told} == {"too_deep"}
    assert 20 < len(told) < 30


def test_an_id_that_stands_twice(office: Office) -> None:
    rows = "X,C,甲局,区县\nX,C,甲局,区县\nY,C,乙局,区县\nY,DA,乙局,区县\n"
    done = office.load(UNITS + rows, None)
    assert [(r[1], r[4]) for r in office.refused(done)] == [
        (11, "repeated"),
        (12, "duplicate"),
        (13, "duplicate"),
    ]
    assert set(office.paths()) >= {"X"} and "Y" not in office.paths()


BROKEN_USERS = {
    "unit unknown": ("x,某,nowhere,R1,own_org", "unit_id", "unit_unknown"),
    "unit refused": ("x,某,BAD,R1,own_org", "unit_id", "unit_rejected"),
    "no unit for own unit": ("x,某,,R1,own_org", "unit_id", "unit_needed"),
    "role unknown": ("x,某,CA,R99,own_org", "role", "unknown_value"),
    "the system is nobody": ("x,某,CA,SYSTEM,own_org", "role", "unknown_value"),
    "scope unknown": ("x,某,CA,R1,everything", "data_scope", "unknown_value"),
    "a handler who would see the city": ("x,某,CA,R1,city", "data_scope", "scope_too_wide"),
    "an identity number as account": ("150102199001011234,某,CA,R1,own_org", "id", "personal_number"),
    "a phone as account": ("13812345678,某,CA,R1,own_org", "id", "personal_number"),
    "no name": ("x,,CA,R1,own_org", "name", "empty"),
}


@pytest.mark.parametrize("name", BROKEN_USERS)
def test_a_bad_user_is_refused_with_its_reason(office: Office, name: str) -> None:
    row, column, code = BROKEN_USERS[name]
    done = office.load(UNITS + "BAD,nowhere,某局,区县\n", USERS + row + "\n")
    told = [r for r in office.refused(done) if r[0] == "users.csv"]
    assert [(r[1], r[4]) for r in told] == [(7, code)]
    assert column in told[0][3]
    assert done.users == Counts(new=5, rejected=1)


def test_an_unknown_leader_costs_the_value_and_not_the_row(office: Office) -> None:
    units = "id,parent,name,level,charge_leader\nC,,市,city,nobody\nD,C,区,district,zhao\n"
    done = office.load(units, "id,name,unit,role,scope,分管\nzhao,赵,C,R7,city,民政\n")
    assert [(r[2], r[4]) for r in office.refused(done)] == [("C", "leader_unknown")]
    assert [office.unit(i)["charge_leader_user_id"] for i in ("C", "D")] == [None, "zhao"]
    assert office.user("zhao")["charge"] == "民政"


def test_a_formula_is_plain_text_and_never_runs_in_what_we_write(office: Office) -> None:
    done = office.load(UNITS + "=cmd|calc,C,某局,区县\nZ,C,=1+1,区县\n", None)
    assert office.unit("Z")["name"] == "=1+1"
    assert [r[2] for r in office.refused(done)] == ["'=cmd|calc"]


def test_rows_that_cannot_be_read_are_refused_alone(office: Office) -> None:
    done = office.load(UNITS.encode() + b"X,C,\xb2\xe2\xff\xfe,district\n", None)
    assert [(r[1], r[4]) for r in office.refused(done)] == [(10, "unreadable")]
    assert office.unit("CA")["name"] == "新城区民政局"


WHOLE_FILES = {
    "a column is missing": "单位编码,单位名称\nC,市\n",
    "no header": "1,2,3\n",
    "empty": "",
    "a quote left open": UNITS + 'X,C,"某局,区县\n',
}


@pytest.mark.parametrize("name", WHOLE_FILES)
def test_a_file_that_is_no_register_changes_nothing_and_says_what_to_do(office: Office, name: str) -> None:
    with pytest.raises(SourceError) as told:
        office.load(WHOLE_FILES[name], None)
    assert told.value.hint
    assert office.paths() == {}


def test_a_workbook_that_is_none(office: Office) -> None:
    with pytest.raises(SourceError):
        import_register(office.engine, office.clock, office.write("a.xlsx", b"PK no"), None, actor="boss")
    with pytest.raises(SourceError):
        import_register(office.engine, office.clock, Path("nowhere.csv"), None, actor="boss")


def test_a_changed_file_moves_and_renames_with_history_and_leaves_passwords_alone(office: Office) -> None:
    office.load()
    with office.engine.begin() as conn:
        conn.exec_driver_sql("UPDATE app_user SET password_hash = 'kept' WHERE id = 'li'")
    office.clock.move(days=30)
    units = UNITS.replace("T1,DA,东街街道", "T1,DB,东河街道")
    done = office.load(units, USERS.replace("li,李某,CA,承办人", "li,李一,CA,R2"))
    assert (done.units.changed, done.users.changed) == (1, 1)
    assert office.paths()["V2"] == "/C/DB/T1/V2/"
    assert office.changes() == [("T1", "moved", "DA", "DB"), ("T1", "renamed", "东街街道", "东河街道")]
    told = office.audited()[-1]
    assert told["object_id"] == "li"
    assert told["detail"]["changed"] == {"name": "changed", "role": ["R1", "R2"]}
    assert office.user("li")["password_hash"] == "kept"


def test_a_circle_closed_through_the_store_is_refused(office: Office) -> None:
    office.load()
    done = office.load("id,parent,name,level\nDA,CA,新城区,district\n", None)
    assert [(r[2], r[4]) for r in office.refused(done)] == [("DA", "cycle")]
    assert office.paths()["CA"] == "/C/DA/CA/"


def test_a_trial_run_says_everything_and_changes_nothing(office: Office) -> None:
    done = office.load(UNITS + "X,nowhere,某局,区县\n", check_only=True)
    assert (done.units, office.paths(), office.audited()) == (Counts(new=8, rejected=1), {}, [])
    assert len(office.refused(done)) == 1


def test_a_file_from_tomorrow_is_refused(office: Office) -> None:
    with pytest.raises(MingjianError):
        office.load(as_of=date(2026, 3, 3))
