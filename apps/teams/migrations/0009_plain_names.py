from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import migrations, models

STATUSES = ["active", "archived", "suspended"]
CHOICES = [("active", "Active"), ("archived", "Archived"), ("suspended", "Suspended")]


class Migration(migrations.Migration):
    """Columns get the names that people and code use; a check names its columns, so it is remade."""

    dependencies = [("teams", "0008_trash_days")]

    operations = [
        migrations.RemoveConstraint(model_name="team", name="team_standing_is_known"),
        migrations.RenameField("team", "standing", "status"),
        migrations.RenameField("team", "stood", "status_before_suspension"),
        migrations.RenameField("team", "closed_why", "suspension_reason"),
        migrations.AlterField(
            model_name="team",
            name="status",
            field=models.CharField(
                choices=CHOICES, default="active", editable=False, max_length=10, verbose_name="status"
            ),
        ),
        migrations.AddConstraint(
            model_name="team",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", STATUSES)), name="team_status_is_known"
            ),
        ),
        migrations.RemoveConstraint(model_name="invitation", name="invitation_has_some_places"),
        migrations.RemoveConstraint(
            model_name="invitation", name="invitation_to_an_address_is_for_one"
        ),
        migrations.RenameField("invitation", "places", "max_uses"),
        migrations.AlterField(
            model_name="invitation",
            name="max_uses",
            field=models.PositiveSmallIntegerField(
                default=1,
                validators=[MinValueValidator(1), MaxValueValidator(50)],
                verbose_name="uses",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_uses__range", (1, 50))), name="invitation_has_some_uses"
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("email", ""), ("max_uses", 1), _connector="OR"),
                name="invitation_to_an_address_is_for_one",
            ),
        ),
        migrations.RemoveConstraint(model_name="welcome", name="welcome_only_once"),
        migrations.RenameModel("Welcome", "FirstOwnerClaim"),
        migrations.AddConstraint(
            model_name="firstownerclaim",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", 1)), name="first_owner_claim_only_once"
            ),
        ),
    ]
