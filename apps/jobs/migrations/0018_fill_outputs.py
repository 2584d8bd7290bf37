"""Each clip of a vendor's gets its output, and clips that are here what they keep of their job.

Takes are counted from 1. On the way back a clip has its job again, and an output without a clip is
a clip that is not saved. The outputs and what clips keep of their job stay, so that whoever goes
back here alone and forward again finds them as they were.
"""

from decimal import Decimal

from django.db import migrations, models
from django.db.models import Exists, F, OuterRef, Subquery, Sum
from django.utils import timezone

BATCH = 500
# A joined clip had a number of its own among the takes.
JOINED = 100
FROM_JOB = {
    "order": "public_id",
    "image": "image",
    "author": "created_by",
    "ordered_at": "created_at",
    "submitted_at": "submitted_at",
    "accepted_at": "accepted_at",
    "done_at": "done_at",
    "inference_ms": "inference_ms",
}
RECIPE = [
    "prompt_title",
    "prompt_number",
    "prompt_text",
    "vendor",
    "model",
    "schema_version",
    "parameters",
    "image_sha256",
    "image_title",
]


def forward(apps, schema_editor):
    outputs_for_clips(apps)
    clips = apps.get_model("clips", "Clip").objects
    clips.filter(saved_at=None).delete()
    note_costs(apps)
    job = apps.get_model("jobs", "Job").objects.filter(pk=OuterRef("job"))
    values = {name: Subquery(job.values(column)[:1]) for name, column in FROM_JOB.items()}
    clips.filter(job__isnull=False).update(**values)
    clips.filter(is_joined=False).update(take=F("number") + 1)
    note_seeds(apps)


def outputs_for_clips(apps):
    output_model = apps.get_model("jobs", "Output")
    stayed = output_model.objects.filter(job=OuterRef("job"), take=OuterRef("number") + 1)
    clips = apps.get_model("clips", "Clip").objects.filter(~Exists(stayed), is_joined=False, job__isnull=False)
    batch = []
    for clip in clips.select_related("job").order_by("pk").iterator(chunk_size=BATCH):
        batch.append(output_for(output_model, clip))
        if len(batch) == BATCH:
            output_model.objects.bulk_create(batch)
            batch = []
    output_model.objects.bulk_create(batch)


def output_for(output_model, clip):
    is_here = clip.saved_at is not None
    output = output_model(
        team_id=clip.team_id,
        job_id=clip.job_id,
        take=clip.number + 1,
        vendor_url=clip.vendor_url,
        nsfw=clip.nsfw,
        tries=clip.attempts,
        fault="" if is_here else clip.fault,
        clip_id=clip.pk if is_here else None,
    )
    if not is_here:
        output.given_up_at = clip.lost_at
        if clip.lost_at is None:
            output.next_try_at = clip.next_step_at or timezone.now()
            if clip.job.state != "saving" and clip.next_step_at is None:
                output.given_up_at, output.next_try_at = output.next_try_at, None
    return output


def note_seeds(apps):
    clips = apps.get_model("clips", "Clip").objects
    for clip in clips.filter(parameters__has_key="seed").only("parameters").iterator(chunk_size=BATCH):
        seed = clip.parameters["seed"]
        if isinstance(seed, int) and seed >= 0:
            clips.filter(pk=clip.pk).update(seed=seed)


def note_costs(apps):
    """Note a clip's share of what its order cost, where the ledger has a price for all of it.

    A clip that has its order's number has been here before: its share was noted when it was saved.
    """
    clips = apps.get_model("clips", "Clip").objects.filter(is_joined=False, order=None, job__isnull=False)
    entries = apps.get_model("budgets", "LedgerEntry").objects
    orders = list(clips.order_by().values_list("job__public_id", "job").distinct())
    outputs = apps.get_model("jobs", "Output").objects
    for start in range(0, len(orders), BATCH):
        some = dict(orders[start : start + BATCH])
        unpriced = set(entries.filter(order__in=some, usd=None).values_list("order", flat=True))
        sums = entries.filter(order__in=some).order_by().values_list("order").annotate(sum=Sum("spent"))
        counts = dict(
            outputs.filter(job__in=some.values()).order_by().values_list("job").annotate(count=models.Count("pk"))
        )
        for order, spent in sums:
            if order not in unpriced:
                share = (spent / counts[some[order]]).quantize(Decimal("0.0001"))
                clips.filter(job=some[order]).update(cost_usd=share)


def backward(apps, schema_editor):
    clip_model = apps.get_model("clips", "Clip")
    clips, jobs = clip_model.objects, apps.get_model("jobs", "Job").objects
    job = jobs.filter(public_id=OuterRef("order"))
    clips.update(job=Subquery(job.values("pk")[:1]), created_at=F("saved_at"))
    clips.filter(is_joined=False).update(number=F("take") - 1)
    clips.filter(is_joined=True).update(number=JOINED)
    outputs = apps.get_model("jobs", "Output").objects.select_related("job")
    for output in outputs.order_by("pk").iterator(chunk_size=BATCH):
        facts = {"vendor_url": output.vendor_url, "attempts": output.tries, "fault": output.fault}
        if output.clip_id:
            clips.filter(pk=output.clip_id).update(**facts)
            continue
        clip_model.objects.create(
            team_id=output.team_id,
            project_id=output.job.project_id,
            job_id=output.job_id,
            number=output.take - 1,
            nsfw=output.nsfw,
            next_step_at=output.next_try_at,
            lost_at=output.given_up_at,
            **facts,
            **{name: getattr(output.job, name) for name in RECIPE},
        )


class Migration(migrations.Migration):

    dependencies = [
        ('budgets', '0006_ledger_entry_checks'),
        ('clips', '0002_made_by'),
        ('jobs', '0017_outputs'),
    ]

    operations = [migrations.RunPython(forward, backward)]
