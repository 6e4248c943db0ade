"""Files beside a warning: told by content, kept private, and a photo that was used before is noticed."""

from __future__ import annotations

import io
import stat
import sys
import zipfile
from pathlib import Path

import pytest
from api_client import Api, Callers
from docx import Document
from openpyxl import Workbook
from PIL import Image, ImageDraw
from sqlalchemy import update

from mingjian.domain.attachment import MAX_BYTES
from mingjian.store.tables import warning

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def photo(seed: int = 1, size: int = 640, kind: str = "JPEG", quality: int = 90) -> bytes:
    """A picture of rectangles; the same seed gives the same picture at any size."""
    image = Image.new("RGB", (size, size), "white")
    draw = ImageDraw.Draw(image)
    for n in range(12):
        x, y = ((seed * 7919 + n * 131) % 80) / 100 * size, ((seed * 104729 + n * 197) % 80) / 100 * size
        shade = (seed * 37 + n * 61) % 230
        draw.rectangle([x, y, x + size / 5, y + size / 6], fill=(shade, shade, 255 - shade))
    out = io.BytesIO()
    image.save(out, kind, quality=quality)
    return out.getvalue()


def word() -> bytes:
    out = io.BytesIO()
    Document().save(out)
    return out.getvalue()


def excel() -> bytes:
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), data)
    return out.getvalue()


def attach(api: Api, id: str, name: str, data: bytes, key: str | None = None):
    return api.write("POST", f"/warnings/{id}/attachments", key=key, files={"file": (name, data)})


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("整改报告.pdf", PDF),
        ("现场.jpg", photo()),
        ("现场.JPEG", photo()),
        ("现场.png", photo(kind="PNG")),
        ("报告.docx", word()),
        ("明细.xlsx", excel()),
        ("说明.txt", "情况说明".encode("gb18030")),
        ("明细.csv", "编号,金额\n1,2\n".encode()),
    ],
)
def test_files_of_the_listed_kinds_are_kept_privately(call: Callers, name: str, data: bytes) -> None:
    clerk = call("clerk")
    answer = attach(clerk, "A1", name, data)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["name"], told["size"], told["scan"]) == (name, len(data), "not_scanned")
    place = clerk.office.home / "attachments" / told["sha256"][:2] / told["sha256"]
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    fetched = clerk.get(f"/attachments/{told['id']}/content")
    assert fetched.content == data
    assert fetched.headers["content-type"] == "application/octet-stream"
    assert fetched.headers["Content-Disposition"].startswith("attachment")
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    assert [r["action"] for r in clerk.audited("attach") + clerk.audited("fetch_attachment")] == [
        "attach",
        "fetch_attachment",
    ]
    assert not list((clerk.office.home / "attachments").glob(".*"))


MACRO = archive(
    **{"[Content_Types]_dot_xml": b"", "word__document_dot_xml": b"", "word__vbaProject_dot_bin": b""}
)
BOMB = archive(**{"[Content_Types]_dot_xml": b"", "word__document_dot_xml": b"0" * 210_000_000})


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("../../etc/passwd.txt", b"x"),
        ("..\\x.txt", b"x"),
        (".hidden.txt", b"x"),
        ("gpj\u202e.txt", b"x"),
        ("x" * 200 + ".txt", b"x"),
        ("a\u200eb.txt", b"x"),
        ("program.exe", b"MZ" + b"\x00" * 200),
        ("page.html", b"<html><script>alert(1)</script>"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("report.pdf", photo()),
        ("photo.jpg", PDF),
        ("photo.jpg", b"\xff\xd8\xff\xe0" + b"broken" * 50),
        ("report.docx", excel()),
        ("report.docx", MACRO),
        ("report.docx", BOMB),
        ("archive.zip", archive(a=b"x")),
        ("data.csv", b"a\x00b"),
        ("empty.txt", b""),
    ],
    ids=range(18),
)
def test_all_else_is_refused_and_nothing_is_left(call: Callers, name: str, data: bytes) -> None:
    clerk = call("clerk")
    answer = attach(clerk, "A1", name, data)
    assert answer.status_code == 422, answer.text
    assert answer.json()["hint"]
    assert clerk.get("/warnings/A1/attachments").json()["attachments"] == []
    left = [p for p in (clerk.office.home / "attachments").rglob("*") if p.is_file()]
    assert left == []
    assert [r["detail"]["status"] for r in clerk.audited("refused")] == [422]


def test_a_file_above_20_mb_is_refused(call: Callers) -> None:
    clerk = call("clerk")
    assert attach(clerk, "A1", "big.txt", b"x" * (MAX_BYTES + 1)).status_code == 413
    assert attach(clerk, "A1", "big.txt", b"x" * (MAX_BYTES + 200_000)).status_code == 413


def test_a_photo_of_another_matter_is_noticed_and_only_counted_for_the_unit(call: Callers) -> None:
    inspector, clerk, other = call("inspector"), call("clerk"), call("clerk_b")
    first = attach(other, "B1", "现场.jpg", photo(size=900)).json()
    assert (first["reused_photo"], first["alike"]) == (0, [])
    again = attach(clerk, "A1", "我的现场.png", photo(size=500, kind="PNG")).json()
    assert (again["reused_photo"], again["alike"]) == (1, [])  # the other matter is not the clerk's to see
    told = inspector.get(f"/attachments/{again['id']}").json()
    assert told["alike"] == [{"attachment_id": first["id"], "warning_id": "B1"}]
    steps = [s["action"] for s in inspector.get("/warnings/A1/steps").json()["steps"]]
    assert steps[:2] == ["photo_reused", "attach"]
    assert attach(clerk, "A1", "另一张.jpg", photo(seed=5)).json()["reused_photo"] == 0
    assert (
        attach(clerk, "A1", "再传.jpg", photo(size=700)).json()["reused_photo"] == 1
    )  # B1's again, not A1's own


def test_a_blank_page_is_like_no_photo(call: Callers) -> None:
    clerk, other = call("clerk"), call("clerk_b")
    out = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(out, "PNG")
    attach(other, "B1", "空白.png", out.getvalue())
    assert attach(clerk, "A1", "空白.png", out.getvalue()).json()["reused_photo"] == 0


def test_the_same_upload_sent_again_is_one_attachment(call: Callers) -> None:
    clerk = call("clerk")
    first, again = (attach(clerk, "A1", "报告.pdf", PDF, key="upload-key") for _ in range(2))
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert attach(clerk, "A1", "报告2.pdf", PDF, key="upload-key").status_code == 422
    assert len(clerk.get("/warnings/A1/attachments").json()["attachments"]) == 1


def test_attachments_page_by_key_and_stay_within_the_readers_rows(call: Callers) -> None:
    clerk = call("clerk")
    ids = [attach(clerk, "A1", f"{n}.txt", b"text %d" % n).json()["id"] for n in range(3)]
    page = clerk.get("/warnings/A1/attachments?limit=2").json()
    rest = clerk.get(f"/warnings/A1/attachments?limit=2&after={page['after']}").json()
    assert {a["id"] for a in page["attachments"] + rest["attachments"]} == set(ids)
    assert rest["after"] == ""
    other = call("clerk_b")
    assert other.get(f"/attachments/{ids[0]}").status_code == 404
    assert other.get(f"/attachments/{ids[0]}/content").status_code == 404


def test_nothing_is_added_to_a_closed_matter(call: Callers) -> None:
    clerk = call("clerk")
    assert attach(clerk, "C1", "a.txt", b"x").status_code == 409


def test_who_only_reads_does_not_attach(call: Callers) -> None:
    assert attach(call("steward"), "A1", "a.txt", b"x").status_code == 403


def test_an_upload_does_not_make_the_officers_reading_old(call: Callers) -> None:
    clerk = call("clerk")
    etag = clerk.etag("/warnings/A1")
    attach(clerk, "A1", "a.txt", b"x")
    assert clerk.step("A1", "sign", etag=etag).status_code == 201


SCANNER = "import sys; sys.exit(1 if b'EICAR' in open(sys.argv[1], 'rb').read() else {other})"


@pytest.fixture
def scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def use(other: int) -> None:
        script = tmp_path / "scan.py"
        script.write_text(SCANNER.format(other=other))
        monkeypatch.setenv("MINGJIAN_SCAN_COMMAND", f"{sys.executable} {script}")

    return use


def test_the_citys_scanner_decides_what_is_kept(call: Callers, scanner) -> None:
    clerk = call("clerk")
    scanner(0)
    assert attach(clerk, "A1", "a.txt", b"clean").json()["scan"] == "clean"
    assert attach(clerk, "A1", "b.txt", b"EICAR").status_code == 422
    scanner(7)
    broken = attach(clerk, "A1", "c.txt", b"clean")
    assert (broken.status_code, broken.json()["type"]) == (503, "urn:mingjian:problem:unavailable")
    assert len(clerk.get("/warnings/A1/attachments").json()["attachments"]) == 1


def test_a_warning_that_left_the_readers_sight_takes_no_file(call: Callers) -> None:
    clerk = call("clerk")
    with clerk.office.engine.begin() as conn:
        conn.execute(update(warning).where(warning.c.id == "A1").values(status="referred"))
    assert attach(clerk, "A1", "a.txt", b"x").status_code == 404
