"""The judge shares no code with what it judges."""

import ast
from pathlib import Path

JUDGE = Path(__file__).parents[1] / "judge"


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(node.module)
    return names


def test_the_judge_imports_nothing_of_ours():
    names = set().union(*(imported(path) for path in JUDGE.glob("*.py")))
    ours = {name for name in names if name.split(".")[0] in {"balie", "django"}}
    assert not {name for name in ours if name.split(".")[:3] != ["balie", "rehearse", "judge"]}


def test_the_judge_reads_views_of_its_own_schema_only():
    source = "".join(path.read_text(encoding="utf-8") for path in JUDGE.glob("*.py"))
    assert not [table for table in ("ordering_", "waitingroom_", "mail_outbox", "runtime_") if table in source]
