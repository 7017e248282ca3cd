from balie.ops.incidents.tests.conftest import graph, night, ops, staff, story, team_file  # noqa: F401 - fixtures
