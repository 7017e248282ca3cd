from balie.ops.incidents.tests.conftest import graph, night, ops, story, team_file  # noqa: F401 - fixtures
