"""How a clip is made, kept as values."""

from django.db import models


class Recipe(models.Model):
    """The values a job orders with and a clip was made from.

    Copied, not referred to: they stay true when a prompt is revised, a project renamed or a job
    swept away.
    """

    prompt_title = models.CharField(max_length=120, blank=True)
    prompt_number = models.PositiveIntegerField(null=True)
    prompt_text = models.TextField()
    vendor = models.CharField(max_length=20)
    model = models.CharField(max_length=80)
    schema_version = models.CharField(max_length=10)
    parameters = models.JSONField(default=dict)
    image_sha256 = models.CharField(max_length=64)
    image_title = models.CharField(max_length=200)

    class Meta:
        abstract = True

    def recipe(self) -> dict[str, object]:
        """Return the values by name, to be copied into another row."""
        return {field.name: getattr(self, field.name) for field in Recipe._meta.get_fields()}

    @property
    def resolution(self) -> str:
        """The resolution asked for, in the vendor's words."""
        return str(self.parameters.get("resolution", ""))
