"""What practices are found by."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class PracticeSearch(models.Model):
    """What the organiser finds a practice by, as words. Written by triggers only (`practices/sql/search_v1.sql`)."""

    practice = models.OneToOneField("practices.Practice", primary_key=True, on_delete=models.CASCADE, related_name="+")
    document = SearchVectorField()

    class Meta:
        db_table = "practices_search"
        indexes = [GinIndex(fields=["document"], name="practices_search_document")]
