"""What the documentation tells people to run does what it says."""

import os
import runpy
import secrets
import shlex
import subprocess
import sys
from datetime import date

import pytest

from balie.ordering.models import Campaign
from tests.architecture.tree import ROOT

EXAMPLES = ROOT / "docs" / "examples"


@pytest.mark.django_db
def test_a_campaign_is_opened(capsys):
    runpy.run_path(str(EXAMPLES / "campaign.py"), run_name="__main__")
    campaign = Campaign.objects.get(slug="2027")
    days = campaign.days.order_by("day")
    assert campaign.opens_at.isoformat() == "2027-05-31T22:00:00+00:00"
    assert [product.code for product in campaign.products.order_by("position")] == ["flu", "pneumo"]
    assert (days.first().day, days.last().day) == (date(2027, 9, 13), date(2027, 11, 30))
    assert days.last().doses_limit == 90_000
    assert "57 delivery days" in capsys.readouterr().out


@pytest.mark.slow
def test_the_settings_of_a_first_installation_are_complete():
    page = (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")
    block = next(block for block in page.split("```") if "BALIE_ORIGINS" in block)
    given = dict(line.split("=", 1) for line in shlex.split(block)) | {"BALIE_SECRET_KEY": secrets.token_urlsafe(48)}
    env = os.environ | given | {"DJANGO_SETTINGS_MODULE": "balie.settings"}
    command = [sys.executable, "-m", "balie.cli", "check", "--deploy"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
