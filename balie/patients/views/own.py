"""What a patient sees: who treats them, and the way to their conversations."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from balie.patients.access import access_own_care
from balie.patients.relations import acts_for, kind_names


@login_required
@require_safe
@never_cache
def patient(request: HttpRequest) -> HttpResponse:
    person, treated = access_own_care(request)
    names = kind_names()
    relations = [(each, names[each.kind]) for each in acts_for(person)]
    context = {
        "section": "patient",
        "person": person,
        "treated": treated,
        "practices": [each.practice for each in treated],
        "relations": relations,
    }
    return render(request, "patients/patient.html", context)
