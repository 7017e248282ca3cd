import django.db.models.deletion
from django.db import migrations, models

from balie.lib.sqlfiles import install_sql

# As patients_begin_v1 and econsults_v1 have them.
UNDO = """
create or replace function consult_for_patient_v1(p_team bigint, p_person bigint) returns boolean
language sql stable as $$
  select exists (
    select from consult_team_name n join patients_patient t on t.practice_id = n.practice_id
     where n.group_id = p_team and n.for_patients and t.person_id = p_person and t.ended_at is null
       and practices_function_closed_v1('conversations', n.practice_id, null) is null)
$$;
create or replace function consult_accepts_v1(p_group bigint, p_at timestamptz) returns boolean
language sql stable as $$
  select not exists (
    select from consult_econsult e where e.group_id = p_group and e.closed_at + interval '5 minutes' <= p_at)
$$;
create or replace function calls_econsult_v1(p_practice bigint, p_campaign bigint)
returns table (practice bigint, name text, phone text, why text, since timestamptz)
language sql stable as $$
  select e.practice_id, p.name, '', 'unread', min(e.arrived_at)
    from consult_econsult e
    join consult_identity i on i.id = e.patient_id
    join practices_person p on p.id = i.person_id
   where e.holder_id is null and e.closed_at is null and (p_practice is null or e.practice_id = p_practice)
   group by e.practice_id, p.id, p.name
   order by min(e.arrived_at)
$$;
drop function consult_takes_over_v1, consult_post_moves_to_v1, consult_econsult_waits_v1;
"""


class Migration(migrations.Migration):
    dependencies = [("consult", "0021_key_log")]

    operations = [
        migrations.CreateModel(
            name="PostChoice",
            fields=[
                (
                    "practice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="econsult_choice",
                        serialize=False,
                        to="practices.practice",
                    ),
                ),
                (
                    "agreed_at",
                    models.DateTimeField(help_text="the other one takes over since; null: not yet", null=True),
                ),
                (
                    "say",
                    models.TextField(
                        db_default="", default="", help_text="what they are told when it closes, beside the reason"
                    ),
                ),
                ("away_from", models.DateField(null=True)),
                ("away_until", models.DateField(help_text="the last day", null=True)),
                (
                    "away_say",
                    models.TextField(db_default="", default="", help_text="what patients read on those days"),
                ),
                (
                    "video_link",
                    models.TextField(
                        db_default="", default="", help_text="https; {kamer} becomes another room each time"
                    ),
                ),
                (
                    "moves_to",
                    models.ForeignKey(
                        help_text="where those who wait go on when this one closes; null: they phone",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="takes_over",
                        to="practices.practice",
                    ),
                ),
            ],
            options={
                "db_table": "consult_post_choice",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("moves_to__isnull", True),
                            models.Q(("moves_to", models.F("practice")), _negated=True),
                            _connector="OR",
                        ),
                        name="consult_post_choice_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("agreed_at__isnull", True), ("moves_to__isnull", False), _connector="OR"),
                        name="consult_post_choice_agreed_to",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("away_from__isnull", True), ("away_say", ""), ("away_until__isnull", True)),
                            models.Q(
                                ("away_from__lte", models.F("away_until")),
                                models.Q(("away_say", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="consult_post_choice_away_with_words",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="econsult",
            name="instead_of",
            field=models.OneToOneField(
                help_text="the one that was moved",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="went_on_as",
                to="consult.econsult",
            ),
        ),
        migrations.AddField(
            model_name="econsult",
            name="moved_at",
            field=models.DateTimeField(help_text="it goes on as another, at the post that took it over", null=True),
        ),
        migrations.AddConstraint(
            model_name="econsult",
            constraint=models.CheckConstraint(
                condition=models.Q(("moved_at__isnull", True), ("holder__isnull", True), _connector="OR"),
                name="consult_econsult_moved_from_queue",
            ),
        ),
        install_sql("consult", "moving_v1", undo=UNDO),
        install_sql("consult", "judge_econsults_v1", undo="drop view consult_judge.econsults"),
    ]
