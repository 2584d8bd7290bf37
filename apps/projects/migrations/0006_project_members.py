from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Who is on the list of a private project is a project member."""

    dependencies = [
        ("projects", "0005_originals"),
        ("teams", "0008_trash_days"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint("place", "place_once_per_project_and_member"),
        migrations.RenameModel("Place", "ProjectMember"),
        migrations.AlterField(
            model_name="projectmember",
            name="project",
            field=models.ForeignKey(
                on_delete=models.CASCADE, related_name="project_members", to="projects.project"
            ),
        ),
        migrations.AlterField(
            model_name="projectmember",
            name="member",
            field=models.ForeignKey(
                on_delete=models.CASCADE, related_name="project_memberships", to="teams.member"
            ),
        ),
        migrations.AddConstraint(
            model_name="projectmember",
            constraint=models.UniqueConstraint(
                fields=("project", "member"), name="project_member_once"
            ),
        ),
        migrations.RenameField("original", "says_where", "has_location"),
    ]
