"""A conversation whose term is over."""

import pytest

from balie.consult.models import Group
from balie.consult.record.tests.acting import YEAR, say
from balie.consult.testing import make_group, make_identity
from balie.practices.testing import Cast, make_cast


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def talk(cast) -> Group:
    """Of the owner and their colleague; the last thing was said in it 21 years ago."""
    made = make_group(Group.Kind.CONVERSATION, make_identity(cast.owner), make_identity(cast.colleague))
    say(made, 21 * YEAR)
    return made
